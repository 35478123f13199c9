namespace Elasticity.Cli.Run;

/// <summary>What a run shows on standard error: a bar on a terminal, a line now and then elsewhere. Safe for concurrent
/// use.</summary>
internal sealed class RunScreen
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly TextWriter _error;
    private readonly bool _isTerminal;
    private readonly bool _hasColor;
    private readonly bool _isQuiet;
    private readonly TimeProvider _time;
    private long _lastLine;
    private bool _isBarShown;

    /// <summary>Makes the screen of this process.</summary>
    public RunScreen(bool isQuiet, TimeProvider time)
        : this(
            Console.Error,
            !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
            string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
            isQuiet,
            time)
    {
    }

    /// <summary>Makes a screen.</summary>
    public RunScreen(TextWriter error, bool isTerminal, bool hasColor, bool isQuiet, TimeProvider time)
    {
        _error = error;
        _isTerminal = isTerminal;
        _hasColor = hasColor;
        _isQuiet = isQuiet;
        _time = time;
        _lastLine = time.GetTimestamp();
    }

    /// <summary>Says something that is no trouble; not when quiet.</summary>
    public void Say(string line)
    {
        if (!_isQuiet)
        {
            Warn(line);
        }
    }

    /// <summary>Says something that must be seen.</summary>
    public void Warn(string text)
    {
        lock (_gate)
        {
            HideBar();
            _error.WriteLine(text);
        }
    }

    /// <summary>Shows how far it is.</summary>
    public void Show(Progress progress)
    {
        if (_isQuiet)
        {
            return;
        }

        lock (_gate)
        {
            if (_isTerminal)
            {
                _error.Write($"\r{ProgressBar.ForTerminal(progress, Width(), _hasColor)}\e[K");
                _isBarShown = true;
            }
            else if (_time.GetElapsedTime(_lastLine) >= LineInterval)
            {
                _lastLine = _time.GetTimestamp();
                _error.WriteLine($"elasticity: {ProgressBar.Counts(progress)}");
            }
        }
    }

    /// <summary>Takes the bar away.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            HideBar();
        }
    }

    private static int Width()
    {
        try
        {
            return Console.WindowWidth is > 0 and { } width ? width : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }

    private void HideBar()
    {
        if (_isBarShown)
        {
            _error.Write("\r\e[K");
            _isBarShown = false;
        }
    }
}
