using Elasticity.Engine.Embedded.Core;

namespace Elasticity.Engine.Embedded;

/// <summary>The one bounded channel into the core. Many threads put, one takes everything at once.</summary>
internal sealed class Inbox(int countMax, long bytesMax)
{
    private readonly object _gate = new();
    private readonly List<Call> _calls = [];
    private List<CoreInput> _loaded = [];
    private readonly List<CoreInput> _afterwards = [];
    private long _bytes;
    private bool _isWoken;

    /// <summary>Puts a command in.</summary>
    /// <returns>False when it is full.</returns>
    public bool TryPut(Call call)
    {
        long bytes = call.Bytes;
        lock (_gate)
        {
            if (_calls.Count >= countMax || (_bytes + bytes > bytesMax && _bytes > 0))
            {
                return false;
            }

            _calls.Add(call);
            _bytes += bytes;
            Wake();
            return true;
        }
    }

    /// <summary>Puts in what the core asked for or is told by its own process: bounded by what it asks.</summary>
    public void Put(CoreInput input)
    {
        lock (_gate)
        {
            _loaded.Add(input);
            Wake();
        }
    }

    /// <summary>Puts in what refers to a command that was put in before: it is taken after it.</summary>
    public void PutAfter(CoreInput input)
    {
        lock (_gate)
        {
            _afterwards.Add(input);
            Wake();
        }
    }

    /// <summary>Wakes the taker.</summary>
    public void Nudge()
    {
        lock (_gate)
        {
            Wake();
        }
    }

    /// <summary>Waits until there is something, somebody nudges, or the time is over.</summary>
    public void Wait(TimeSpan timeout)
    {
        lock (_gate)
        {
            if (!_isWoken && timeout > TimeSpan.Zero)
            {
                Monitor.Wait(_gate, timeout);
            }

            _isWoken = false;
        }
    }

    /// <summary>Takes all there is, what was loaded first.</summary>
    public List<CoreInput> TakeAll()
    {
        lock (_gate)
        {
            List<CoreInput> all = _loaded;
            foreach (Call call in _calls)
            {
                all.Add(call.Input);
            }

            all.AddRange(_afterwards);
            _loaded = [];
            _afterwards.Clear();
            _calls.Clear();
            _bytes = 0;
            return all;
        }
    }

    /// <summary>When the command was asked that has waited longest; null when none waits.</summary>
    public TimeSpan? OldestAskedAt()
    {
        lock (_gate)
        {
            return _calls.Count > 0 ? _calls[0].AskedAt : null;
        }
    }

    private void Wake()
    {
        if (!_isWoken)
        {
            _isWoken = true;
            Monitor.Pulse(_gate);
        }
    }
}
