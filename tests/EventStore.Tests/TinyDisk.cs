using Xunit;

namespace Elasticity.EventStore.Tests;

/// <summary>A disk that is soon full.</summary>
internal sealed class TinyDisk : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public TinyDisk(int megabytes)
    {
        Assert.True(TinyDiskFactAttribute.TryMount(_directory.Path, $"size={megabytes}m"));
        Data = System.IO.Path.Combine(_directory.Path, "data");
    }

    /// <summary>A directory on the disk, not yet made.</summary>
    public string Data { get; }

    /// <summary>A file on the disk beside the data.</summary>
    public string Ballast => System.IO.Path.Combine(_directory.Path, "ballast");

    /// <summary>Forbids writing to the disk.</summary>
    public void MakeReadOnly() =>
        Assert.True(TinyDiskFactAttribute.TryRun("mount", "-o", "remount,ro", _directory.Path));

    public void Dispose()
    {
        Assert.True(TinyDiskFactAttribute.TryRun("umount", "--lazy", _directory.Path));
        _directory.Dispose();
    }
}
