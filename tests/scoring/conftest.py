import pytest
from scoring_data import GLOSSARY

from regloss.scoring import GuardedMentionFinder


@pytest.fixture
def glossary():
    return GLOSSARY


@pytest.fixture
def finder():
    return GuardedMentionFinder(GLOSSARY)
