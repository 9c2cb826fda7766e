using System.Runtime.CompilerServices;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Api.Desk;

/// <summary>
/// Tells open pages that something was written, and nothing of what: one look a second at the end of the journal's feed, however many pages are open, and none where none is. Who is told reads its page again, by its own role; so the more are open
/// the longer it waits after it has told them, and all of them together are read once in <see cref="Limits.DeskReadEvery"/>.
/// </summary>
public sealed class DeskChanges
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);
    private readonly IFeed _feed;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private TaskCompletionSource _next = New();
    private readonly Dictionary<(string Tenant, string Name), int> _watching = [];
    private bool _looking;

    public DeskChanges(IFeed feed, TimeProvider time) => (_feed, _time) = (feed, time);

    /// <summary>True as soon as something was written since it was asked for or told last; false after 15 s in which nothing was, so that whoever stands between sees that the connection lives. None at all where too many watch, or too many of one name.</summary>
    public async IAsyncEnumerable<bool> Watch((string Tenant, string Name) who, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (Come(who) is not { } told) yield break;

        try
        {
            while (true)
            {
                yield return await Within(told, Silence, cancel);
                told = Next();
            }
        }
        finally
        {
            Go(who);
        }
    }

    private Task? Come((string Tenant, string Name) who)
    {
        lock (_gate)
        {
            var own = _watching.GetValueOrDefault(who);
            if (_watching.Values.Sum() == Limits.DeskWatched || own == Limits.DeskWatchedOfOne) return null;
            _watching[who] = own + 1;
            if (!_looking)
            {
                _looking = true;
                _ = Task.Run(Look);
            }

            return _next.Task;
        }
    }

    private void Go((string Tenant, string Name) who)
    {
        lock (_gate)
        {
            if (--_watching[who] == 0)
            {
                _watching.Remove(who);
            }
        }
    }

    private Task Next()
    {
        lock (_gate) return _next.Task;
    }

    private async Task<bool> Within(Task told, TimeSpan time, CancellationToken cancel)
    {
        try
        {
            await told.WaitAsync(time, _time, cancel);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    // Until nobody watches: whoever goes to another page is there again before the next look, which is the same one's.
    private async Task Look()
    {
        var rest = LookEvery;
        for (string? seen = null; GoesOn(); await Task.Delay(rest, _time))
        {
            rest = LookEvery;
            try
            {
                var end = await _feed.FeedEnd(CancellationToken.None);
                if (seen is not null && end != seen)
                {
                    rest = Tell();
                }

                seen = end;
            }
            catch (JournalUnavailableException)
            {
                // Readiness says so; it looks again in a second.
            }
        }
    }

    private bool GoesOn()
    {
        lock (_gate) return _looking = _watching.Count > 0;
    }

    /// <returns>How long those who are told need to read what they show.</returns>
    private TimeSpan Tell()
    {
        TaskCompletionSource told;
        TimeSpan reading;
        lock (_gate)
        {
            (told, _next) = (_next, New());
            reading = _watching.Values.Sum() * Limits.DeskReadEvery;
        }

        told.SetResult();
        return reading > LookEvery ? reading : LookEvery;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
