using System.Runtime.CompilerServices;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Api.Desk;

/// <summary>
/// Tells open pages that something was written, and nothing of what or whose: one look a second at the end of the journal's feed, however many pages are open, and none where none is. Who is told reads its page again, by its own role; so the more
/// of a tenant's are open the longer they are left alone after they were told: all of them together are read once in <see cref="Limits.DeskReadEvery"/>. No tenant waits for another's, and no name takes all the places.
/// </summary>
public sealed class DeskChanges
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);
    private readonly IFeed _feed;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);
    private bool _looking;

    public DeskChanges(IFeed feed, TimeProvider time) => (_feed, _time) = (feed, time);

    /// <summary>
    /// True as soon as something was written since it was asked for or told last; false after 15 s in which nothing was, so that whoever stands between sees that the connection lives. It ends where too many watch and nobody has more than
    /// this name, or too many of this name, and when it has to give way to somebody who has fewer.
    /// </summary>
    public async IAsyncEnumerable<bool> Watch((string Tenant, string Name) who, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (Come(who) is not { } page) yield break;

        try
        {
            while (true)
            {
                var changed = await Within(Next(page), Silence, cancel);
                if (page.GaveWay) yield break;

                if (changed)
                {
                    Renew(page);
                }

                yield return changed;
            }
        }
        finally
        {
            Go(page);
        }
    }

    private Page? Come((string Tenant, string Name) who)
    {
        lock (_gate)
        {
            var names = _rooms.Values.SelectMany(static room => room.Pages).GroupBy(static page => page.Who).ToDictionary(static name => name.Key, static name => name.Count());
            var own = names.GetValueOrDefault(who);
            if (own == Limits.DeskWatchedOfOne) return null;
            if (names.Values.Sum() >= Limits.DeskWatched)
            {
                var most = names.MaxBy(static name => name.Value);
                if (most.Value <= own + 1) return null;

                var gives = _rooms[most.Key.Tenant].Pages.First(page => page.Who == most.Key);
                Leave(gives);
                gives.GaveWay = true;
                gives.Next.TrySetResult();
            }

            if (!_rooms.TryGetValue(who.Tenant, out var room))
            {
                _rooms.Add(who.Tenant, room = new());
            }

            var page = new Page(who);
            room.Pages.Add(page);
            if (!_looking)
            {
                _looking = true;
                _ = Task.Run(Look);
            }

            return page;
        }
    }

    private void Go(Page page)
    {
        lock (_gate) Leave(page);
    }

    private void Leave(Page page)
    {
        if (_rooms.TryGetValue(page.Who.Tenant, out var room) && room.Pages.Remove(page) && room.Pages.Count == 0)
        {
            _rooms.Remove(page.Who.Tenant);
        }
    }

    private Task Next(Page page)
    {
        lock (_gate) return page.Next.Task;
    }

    // Renewed before the page is notified, not when it asks again: a write during its next read has to notify it, too.
    private void Renew(Page page)
    {
        lock (_gate) page.Next = New();
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
        for (string? seen = null; GoesOn(); await Task.Delay(LookEvery, _time))
        {
            try
            {
                var end = await _feed.FeedEnd(CancellationToken.None);
                Tell(isChanged: seen is not null && end != seen);
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
        lock (_gate) return _looking = _rooms.Count > 0;
    }

    private void Tell(bool isChanged)
    {
        List<TaskCompletionSource> told = [];
        lock (_gate)
        {
            foreach (var room in _rooms.Values)
            {
                room.IsBehind |= isChanged;
                if (room.IsBehind && _time.GetElapsedTime(room.ToldAt) >= room.Rest)
                {
                    told.AddRange(room.Pages.Select(static page => page.Next));
                    (room.IsBehind, room.ToldAt, room.Rest) = (false, _time.GetTimestamp(), room.Pages.Count * Limits.DeskReadEvery);
                }
            }
        }

        foreach (var one in told) one.TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A page that is open.</summary>
    private sealed class Page((string Tenant, string Name) who)
    {
        public (string Tenant, string Name) Who { get; } = who;

        /// <summary>It is told, or gives way.</summary>
        public TaskCompletionSource Next { get; set; } = New();

        public bool GaveWay { get; set; }
    }

    /// <summary>A tenant's pages, the oldest first.</summary>
    private sealed class Room
    {
        public List<Page> Pages { get; } = [];

        /// <summary>Something was written that they were not told of.</summary>
        public bool IsBehind { get; set; }

        public long ToldAt { get; set; }

        /// <summary>How long those who were told then need to read what they show.</summary>
        public TimeSpan Rest { get; set; }
    }
}
