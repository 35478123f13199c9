using System.Runtime.InteropServices;

namespace Elasticity.Cli.CommandLine;

/// <summary>Ctrl-C and SIGTERM: the first asks the command to end in good order, the second ends the process.</summary>
internal sealed class Stopping : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _exit;

    /// <summary>Begins to listen.</summary>
    /// <param name="tell">Told once, at the first signal; may be null.</param>
    public Stopping(Action<string>? tell)
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context => Heed(context, tell)));
        }
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Asked => _asked.Token;

    /// <summary>How the program then ends; 0 before a signal.</summary>
    public int Exit => Volatile.Read(ref _exit);

    /// <inheritdoc/>
    public void Dispose()
    {
        _registrations.ForEach(r => r.Dispose());
        _asked.Dispose();
    }

    private void Heed(PosixSignalContext context, Action<string>? tell)
    {
        context.Cancel = true; // Not the default, which ends the process at once.
        int exit = context.Signal == PosixSignal.SIGINT ? ExitCode.Interrupted : ExitCode.Terminated;
        if (Interlocked.CompareExchange(ref _exit, exit, 0) != 0)
        {
            Environment.Exit(exit);
        }

        tell?.Invoke(context.Signal == PosixSignal.SIGINT
            ? "stopping: what runs is given back (Ctrl-C again ends at once)"
            : "stopping: what runs is given back");
        _ = _asked.CancelAsync();
    }
}
