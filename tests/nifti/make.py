"""Makes small NIfTI-1 files with nibabel, and what nibabel says of them: the reference of import-nifti.

Run as: python3 make.py FOLDER. The folder's volumes differ in byte order, type, scaling and orientation.
expected.json holds each volume's slices upright: for Z the front up, for X and Y the head up; the patient's right, or
for X the front, at the left. The set in set/ is a data set of three volumes with their masks.
"""
import json
import os
import sys

import nibabel as nib
import numpy as np
from nibabel.orientations import apply_orientation, io_orientation

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
expected = {}


def affine(codes, steps=(1.5, 1.5, 5.0), origin=(-10, -20, 30)):
    """From voxels that run towards the letters of codes, such as LPS, to millimetres."""
    matrix = np.eye(4)
    matrix[:3, :3] = 0
    for voxel, letter in enumerate(codes):
        world = {"R": 0, "L": 0, "A": 1, "P": 1, "S": 2, "I": 2}[letter]
        matrix[world, voxel] = steps[voxel] * (1 if letter in "RAS" else -1)
    matrix[:3, 3] = origin
    return matrix


def tilted(matrix, degrees):
    """Turned about the axis from right to left, as a gantry is."""
    a = np.radians(degrees)
    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]
    return turn @ matrix


def save(name, data, matrix, dtype, order="<", slope=None, sform=1, qform=1):
    header = nib.Nifti1Header(endianness=order)
    header.set_data_dtype(np.dtype(dtype).newbyteorder(order))
    image = nib.Nifti1Image(data, matrix, header)
    image.set_qform(matrix, qform)
    image.set_sform(matrix, sform)
    if slope is not None:
        image.header.set_slope_inter(*slope)
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    nib.save(image, path)
    return path


def expect(name, path):
    image = nib.load(path)
    ornt = io_orientation(image.affine)
    canonical = apply_orientation(image.get_fdata(), ornt)  # to the right, to the front, to the head
    upright = {"X": lambda k: np.flip(canonical[k].T), "Y": lambda k: np.flip(canonical[:, k].T), "Z": lambda k: np.flip(canonical[:, :, k].T)}
    expected[name] = {}
    for world, axis in enumerate("XYZ"):
        voxel = int(np.where(ornt[:, 0] == world)[0][0])
        count = image.shape[voxel]
        places = range(count) if ornt[voxel, 1] > 0 else range(count - 1, -1, -1)
        expected[name][axis] = [upright[axis](k).tolist() for k in places]


draw = np.random.RandomState(666)
small = draw.randint(-1000, 400, (5, 4, 3))
for name, codes, options in [
    ("ras-int16.nii.gz", "RAS", dict(dtype=np.int16)),
    ("lps-int16-big.nii", "LPS", dict(dtype=np.int16, order=">")),
    ("las-scaled.nii.gz", "LAS", dict(dtype=np.int16, slope=(2, -1024))),
    ("pir-float32-qform.nii", "PIR", dict(dtype=np.float32, sform=0)),
    ("ial-float64-sform-big.nii.gz", "IAL", dict(dtype=np.float64, order=">", qform=0)),
    ("none-int32.nii.gz", "LAS", dict(dtype=np.int32, sform=0, qform=0)),
]:
    data = 2 * small - 1024 if "slope" in options else small
    expect(name, save(name, data.astype(np.float64), affine(codes), **options))
expect("tilted-uint8.nii.gz", save("tilted-uint8.nii.gz", draw.randint(0, 255, (5, 4, 3)).astype(np.float64), tilted(affine("LPS"), 20), np.uint8))

# Three volumes of 40 x 32 x 4 voxels: a body with two lungs in slices 1 and 2, a lesion in slice 2 of the first two.
for number, codes, mask_codes in [(1, "LPS", "RAS"), (2, "RAS", "RAS"), (12, "LPS", "LPS")]:
    x, y = np.meshgrid(np.arange(40), np.arange(32), indexing="ij")
    volume, mask = np.full((40, 32, 4), -1000.0), np.zeros((40, 32, 4))
    body = ((x - 19.5) / 18) ** 2 + ((y - 15.5) / 14) ** 2 <= 1
    lungs = [((x - c) / 6) ** 2 + ((y - 15.5) / 8) ** 2 <= 1 for c in (10, 29)]
    for k in range(4):
        volume[body, k] = 40
        if k in (1, 2):
            for label, lung in enumerate(lungs, start=1):
                volume[lung, k], mask[lung, k] = -850, label
    if number != 12:
        lesion = ((x - 10) / 3) ** 2 + ((y - 19) / 3) ** 2 <= 1  # in the patient's left lung or right lung, by the order
        volume[lesion, 2], mask[lesion, 2] = -200, 3
    matrix = affine(codes, steps=(8.0, 8.0, 5.0))
    stem = f"set/ct/coronacases_org_{number:03}"
    save(stem + ".nii.gz", volume.astype(np.int16), matrix, np.int16)

    # Real labels in a file of bytes get a slope, so that label 1 reads as 0.996: such masks are about.
    stored = nib.Nifti1Image(mask if number == 12 else mask.astype(np.uint8), matrix)
    if mask_codes != codes:
        change = nib.orientations.ornt_transform(io_orientation(matrix), nib.orientations.axcodes2ornt(mask_codes))
        stored = stored.as_reoriented(change)
    save(f"set/masks/coronacases_{number:03}.nii.gz", np.asarray(stored.dataobj), stored.affine, np.uint8)

with open(os.path.join(folder, "expected.json"), "w") as file:
    json.dump(expected, file)
    file.write("\n")
