"""Much of everything: rows copied in bulk beside those of the world."""

import uuid

from labdata.common.people.access import Membership
from samples.models import Ancestry, Fact, MaterialName, ProcessInput, Sample, Subject


def clones(row, count, **changes):
    """Copies of a row, all fields alike but those given as functions of a number."""
    model = type(row)
    fields = {
        field.attname: getattr(row, field.attname)
        for field in model._meta.concrete_fields
        if not field.primary_key
    }
    made = []
    for number in range(count):
        copy = model(**fields)
        if "uuid" in fields:
            copy.uuid = uuid.uuid4()
        for name, change in changes.items():
            setattr(copy, name, change(number))
        made.append(copy)
    return model.objects.bulk_create(made, batch_size=500)


def multiply(world, count, start):
    """Put ``count`` more of everything beside the one there is."""
    records = world.records
    samples, subjects = add_samples(world, count, code=lambda n: f"N-{start + n}")
    processes = clones(records["process"], count)
    ProcessInput.objects.bulk_create(
        [
            ProcessInput(process=process, sample=s)
            for process, s in zip(processes, samples, strict=True)
        ]
    )
    materials = clones(
        records["material"], count, name=lambda n: f"Material {start + n}"
    )
    MaterialName.objects.bulk_create(
        [
            MaterialName(material=m, project=m.project, name=m.name, normalised=m.name)
            for m in materials
        ]
    )
    clones(records["lot"], count, code=lambda n: f"L-{start + n}")
    clones(records["batch"], count, code=lambda n: f"B-{start + n}")
    clones(records["extra-field"], count, key=lambda n: f"field_{start + n}")
    projects = clones(records["project"], count, slug=lambda n: f"project-{start + n}")
    Membership.objects.bulk_create(
        [
            Membership(project=p, user=world.users["manager"], role="manager")
            for p in projects
        ]
    )
    add_measurements(world, samples, subjects, start)


def add_samples(world, count, **changes):
    """Samples like the one there is, with its tags and facts, and their subjects."""
    sample = world.records["sample"]
    samples = clones(sample, count, **changes)
    Ancestry.objects.bulk_create(
        [Ancestry(ancestor=s, descendant=s, depth=0) for s in samples], batch_size=500
    )
    tagged = Sample.tags.through
    tagged.objects.bulk_create(
        [
            tagged(sample_id=s.pk, tag_id=tag)
            for tag in sample.tags.values_list("pk", flat=True)
            for s in samples
        ],
        batch_size=500,
    )
    subjects = Subject.objects.bulk_create(
        [Subject(sample=s) for s in samples], batch_size=500
    )
    add_stacks(sample, samples)
    template = list(
        Fact.objects.filter(
            subject__sample=sample, subject__process=None, subject__cell=None
        )
    )
    Fact.objects.bulk_create(
        [
            fact
            for subject, s in zip(subjects, samples, strict=True)
            for fact in _facts(template, subject, s)
        ],
        batch_size=500,
    )
    return samples, subjects


def add_stacks(sample, samples):
    """The layers and cells of a sample on many others, where it has any."""
    if not hasattr(sample, "stack"):
        return
    count = len(samples)
    stacks = clones(sample.stack, count, sample_id=lambda n: samples[n].pk)
    for layer in sample.stack.layers.all():
        clones(layer, count, stack_id=lambda n: stacks[n].pk)
    for cell in sample.cells.all():
        clones(cell, count, sample_id=lambda n: samples[n].pk)


def add_measurements(world, samples, subjects, start):
    """One measurement of each sample, read and fitted as the one there is."""
    records, count = world.records, len(samples)
    measurement = records["measurement"]
    parsings = clones(measurement.parsing, count)
    measured = clones(
        measurement,
        count,
        sample_id=lambda n: samples[n].pk,
        subject_id=lambda n: subjects[n].pk,
        parsing_id=lambda n: parsings[n].pk,
    )
    blobs = clones(records["file"].blob, count, sha256=lambda n: f"{start + n:064x}")
    files = clones(
        records["file"],
        count,
        measurement_id=lambda n: measured[n].pk,
        blob_id=lambda n: blobs[n].pk,
    )
    datasets = clones(
        records["dataset"],
        count,
        measurement_id=lambda n: measured[n].pk,
        file_id=lambda n: files[n].pk,
    )
    runs = clones(
        records["run"],
        count,
        measurement_id=lambda n: measured[n].pk,
        key=lambda n: f"{start + n:064d}",
    )
    inputs = records["run"].inputs.model
    inputs.objects.bulk_create(
        [
            inputs(run=run, dataset=dataset, sha256="0" * 64)
            for run, dataset in zip(runs, datasets, strict=True)
        ],
        batch_size=500,
    )
    for value in records["run"].values.all():
        clones(
            value,
            count,
            run_id=lambda n: runs[n].pk,
            sample_id=lambda n: samples[n].pk,
            subject_id=lambda n: subjects[n].pk,
            measurement_id=lambda n: measured[n].pk,
        )
    return measured


def _facts(template, subject, sample):
    for fact in template:
        yield Fact(
            subject=subject,
            sample=sample,
            project_id=fact.project_id,
            variable_id=fact.variable_id,
            label=fact.label,
            is_default=fact.is_default,
            value=fact.value,
            text=fact.text,
            origin=fact.origin,
        )
