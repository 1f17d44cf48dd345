"""The policies and provisions on disk, and the flattening of a policy into its provisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from microsim.ground.errors import InputError, Problems, unknown_name
from microsim.ground.parameters.loading import SOURCES_FILE, data_root
from microsim.ground.policies.model import Policy, Provision
from microsim.ground.policies.reading import PolicyFile, read_policy_file

PolicyLike = str | Path | Policy
_ENDINGS = (".yaml", ".yml")
OPTION = "--policy"


class Library:
    """All policies and provisions of a folder; a policy file is `*.yaml`, a provision `provisions/*.yaml`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._files: dict[str, PolicyFile] = {}
        self._provisions: dict[str, PolicyFile] = {}
        problems = Problems()
        for path in sorted(root.rglob("*.yaml")):
            if path.name == SOURCES_FILE:
                continue
            shown = str(Path("parameters", root.name) / path.relative_to(root))
            file = read_policy_file(path, shown, problems)
            if file is not None:
                self._add(file, path.parent != root, problems)
        for name in self._files:
            self._flatten_checked(name, problems)
        problems.finish()

    def policy_names(self) -> tuple[str, ...]:
        """Names of the policies, in order of the alphabet."""
        return tuple(sorted(self._files))

    def provision_names(self) -> tuple[str, ...]:
        """Names of the provisions, in order of the alphabet."""
        return tuple(sorted(self._provisions))

    def policy(self, name: str | Path, option: str = OPTION) -> Policy:
        """The policy of a name or of a file; a provision's name gives a policy of that one provision.

        Raises `InputError` with the nearest name, or with all that is wrong in the file. `option` is what
        the name was given to.
        """
        problems = Problems()
        if isinstance(name, str) and name in self._files:
            file: PolicyFile | None = self._files[name]
        elif isinstance(name, str) and name in self._provisions:
            file = self._provisions[name]
        elif isinstance(name, Path) or name.endswith(_ENDINGS) or "/" in name:
            file = read_policy_file(Path(name), str(name), problems)
            if file is not None and file.document and not self.ships(file.path):
                if file.own is None and not file.policies and not file.provisions:
                    fix = "list `provisions:`, `policies:` or `patches:`"
                    expected = "a policy or a provision"
                    problems.add(InputError(file.shown, None, "nothing that changes", expected, fix=fix))
        else:
            fix = "see `microsim policy list`, or give a file ending in .yaml"
            names = (*self.policy_names(), *self.provision_names())
            raise unknown_name(option, None, name, names, "the name of a policy or provision", fix=fix)
        policy = None if file is None else self._policy(file, problems)
        problems.finish(policy)
        assert policy is not None
        return policy

    def ships(self, path: Path) -> bool:
        """Whether a file is one of this library's own."""
        return self.root.resolve() in path.resolve().parents

    def namesake(self, path: Path) -> str | None:
        """The id of a file of one's own, where a policy or provision of this library has the same."""
        if self.ships(path):
            return None
        id_ = self.policy(path).id
        return id_ if id_ in self._files or id_ in self._provisions else None

    def _add(self, file: PolicyFile, is_provision: bool, problems: Problems) -> None:
        if file.path.stem != file.id:
            problems.add(
                InputError(file.shown, "id", file.id, f"the name of the file, {file.path.stem}", line=1)
            )
        if file.id in self._files or file.id in self._provisions:
            problems.add(InputError(file.shown, "id", file.id, "an id used once", line=1))
        elif not is_provision:
            self._files[file.id] = file
        else:
            self._provisions[file.id] = file
            if file.own is None or file.own.section is None or file.policies or file.provisions:
                expected = "`section` and `patches`, and no other policies"
                problems.add(InputError(file.shown, None, file.id, f"a provision with {expected}", line=1))

    def _flatten_checked(self, name: str, problems: Problems) -> None:
        self._policy(self._files[name], problems)
        self._check_replaced(self._files[name], problems)

    def _check_replaced(self, file: PolicyFile, problems: Problems) -> None:
        if file.own is None:
            return
        self.check_replaced(file.own, (), problems)

    def check_replaced(self, provision: Provision, others: Iterable[str], problems: Problems) -> None:
        """Report names under `replaces` that are neither in the library nor in `others`."""
        known = {
            name for name, file in (*self._provisions.items(), *self._files.items()) if file.own is not None
        }
        known.update(others)
        for name in provision.replaces:
            if name not in known:
                problems.add(unknown_name(provision.file, "replaces", name, sorted(known), "a provision"))

    def _policy(self, file: PolicyFile, problems: Problems) -> Policy:
        found: dict[str, Provision] = {}
        self._collect(file, (), found, problems)
        parts = (*file.policies, *file.provisions)
        return Policy(file.id, file.label, tuple(found.values()), file.note, file.shown, parts)

    def _collect(
        self, file: PolicyFile, trail: tuple[str, ...], found: dict[str, Provision], problems: Problems
    ) -> None:
        trail = (*trail, str(file.path.resolve()))
        for key, names in (("policies", file.policies), ("provisions", file.provisions)):
            for i, name in enumerate(names):
                part = self._part(file, key, i, name, problems)
                if part is None:
                    continue
                if str(part.path.resolve()) in trail:
                    expected = "policies that do not contain themselves"
                    problems.add(InputError(file.shown, key, name, expected, line=file.line(key, i)))
                    continue
                self._collect(part, trail, found, problems)
        if file.own is not None:
            earlier = found.setdefault(file.own.id, file.own)
            if earlier.file != file.own.file:
                problems.add(
                    InputError(file.shown, "id", file.id, f"an id other than in {earlier.file}", line=1)
                )

    def _part(self, file: PolicyFile, key: str, i: int, name: str, problems: Problems) -> PolicyFile | None:
        known = self._files if key == "policies" else self._provisions
        if name in known:
            return known[name]
        if name.endswith(_ENDINGS):
            return read_policy_file(file.path.parent / name, name, problems)
        what = "a policy" if key == "policies" else "a provision"
        other = self._provisions if key == "policies" else self._files
        fix = None
        if name in other:
            fix = f"list it under `{'provisions' if key == 'policies' else 'policies'}`"
        problems.add(unknown_name(file.shown, key, name, known, what, line=file.line(key, i), fix=fix))
        return None


@cache
def shipped_library() -> Library:
    """The policies that travel with the package, read once."""
    return Library(data_root() / "policies")


def load_policy(name: PolicyLike, library: Library | None = None, *, option: str = OPTION) -> Policy:
    """A policy by name, by file anywhere on disk, or as it is; `option` is what it was given to."""
    if isinstance(name, Policy):
        return name
    return (library or shipped_library()).policy(name, option)


def check_names(given: Mapping[str, Iterable[PolicyLike]]) -> None:
    """Raise InputError for names and files, by the option they were given to, that are no policies."""
    problems = Problems()
    for option, names in given.items():
        for name in names:
            try:
                load_policy(name, option=option)
            except InputError as error:
                problems.add(error)
    problems.finish()


def namesakes(policies: Iterable[PolicyLike], library: Library | None = None) -> list[str]:
    """A line for each file whose id is that of a policy that ships, since results are told apart by ids."""
    held = library or shipped_library()
    lines = []
    for one in policies:
        if isinstance(one, Path) or (isinstance(one, str) and (one.endswith(_ENDINGS) or "/" in one)):
            id_ = held.namesake(Path(one))
            if id_ is not None:
                lines.append(f"{one}: its id {id_} is that of a policy that ships; give it an `id:` of its own")
    return lines


def compose(policies: Iterable[PolicyLike], library: Library | None = None) -> Policy:
    """Several policies as one: their provisions in order, each once.

    Raises `InputError`, all problems together, with what could be read as its `rest`.
    """
    found: dict[str, Provision] = {}
    names, labels = [], []
    problems = Problems()
    for one in policies:
        try:
            policy = load_policy(one, library)
        except InputError as error:
            problems.add(error)
            if error.rest is None:
                continue
            policy = error.rest
        names.append(policy.id)
        labels.append(policy.label)
        for provision in policy.provisions:
            earlier = found.setdefault(provision.id, provision)
            if earlier.file != provision.file:
                expected = f"an id other than in {earlier.file}"
                problems.add(InputError(provision.file, "id", provision.id, expected, line=1))
    for provision in found.values():
        (library or shipped_library()).check_replaced(provision, found, problems)
    composed = Policy(
        "+".join(names) or "baseline",
        "; ".join(labels) or "Baseline",
        tuple(found.values()),
        parts=tuple(names),
    )
    problems.finish(composed)
    return composed
