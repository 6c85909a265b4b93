"""The two stories that the hub is built from, by the name of their customer."""

from cli.jane import JANE
from cli.stacy import STACY
from cli.story import Story

STORIES: dict[str, Story] = {story.name: story for story in (STACY, JANE)}
