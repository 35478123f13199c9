using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Elasticity.Cli.Exec;

/// <summary>
/// A small process that outlives this one only to end the commands that it left behind: it knows their groups, and its
/// standard input is a pipe that closes when this process ends, however that happens.
/// </summary>
internal sealed class Guardian : IDisposable
{
    private const string Script = """
        exec >/dev/null 2>&1
        trap '' HUP INT TERM
        groups=' '
        while read -r sign id; do
          case $sign in
            +) groups="$groups$id " ;;
            -) groups="${groups%%" $id "*} ${groups#*" $id "}" ;;
          esac
        done
        for id in $groups; do kill -s KILL -- "-$id"; done
        """;

    private readonly Process _process;
    private readonly Lock _gate = new();

    private Guardian(Process process) => _process = process;

    /// <summary>Starts one; null where commands have no group of their own.</summary>
    public static Guardian? Start()
    {
        if (ProcessGroup.Setsid is not { } setsid)
        {
            return null;
        }

        ProcessStartInfo start = new(setsid, ["/bin/sh", "-c", Script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true, // Not ours: it would hold our output open for a moment longer than we do.
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return Process.Start(start) is { } process ? new Guardian(process) : null;
    }

    /// <summary>A command runs.</summary>
    public void Watch(int group) => Tell('+', group);

    /// <summary>It runs no longer.</summary>
    public void Forget(int group) => Tell('-', group);

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Dispose();
        _process.Dispose();
    }

    private void Tell(char sign, int group)
    {
        try
        {
            lock (_gate)
            {
                byte[] line = Encoding.ASCII.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"{sign} {group}\n"));
                _process.StandardInput.BaseStream.Write(line);
                _process.StandardInput.BaseStream.Flush();
            }
        }
        catch (IOException)
        {
            // Somebody ended it. The commands run all the same; only nobody would end them after us.
        }
    }
}
