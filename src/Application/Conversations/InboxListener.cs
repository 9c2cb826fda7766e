using Agora.Core.Conversations;
using Agora.Grains.Conversations;
using Agora.Journal;

namespace Agora.Application.Conversations;

/// <summary>What an agent is told from a place on.</summary>
/// <param name="Next">Where to go on.</param>
internal sealed record InboxPage(IReadOnlyList<ToldEntry> Entries, InboxPlace Next);

/// <summary>
/// Reads an inbox on from a place: what is kept of it, else the journal. It keeps nothing itself, so a reader that is slow costs nothing but its own delay.
/// </summary>
/// <param name="followed">The feed's cursor up to which this process follows it; null: it does not yet.</param>
internal sealed class InboxListener(Inbox inbox, IFeed feed, ConversationLog log, Func<string?> followed, Action leave) : IDisposable
{
    private Action? _leave = leave;

    /// <summary>Where a reader begins.</summary>
    /// <param name="after">A cursor, or <see cref="InboxRequest.Now"/>; null: the first entry.</param>
    /// <param name="placeOf">What a cursor names; null: nothing of the reader's.</param>
    /// <returns>Null: nowhere.</returns>
    public async Task<InboxPlace?> Begin(string? after, Func<string, InboxPlace?> placeOf, CancellationToken cancel) => after switch
    {
        null => InboxPlace.Start,
        InboxRequest.Now => await End(cancel),
        _ => placeOf(after) is { } place && await Reaches(place, cancel) ? place : null,
    };

    /// <summary>Behind all that can be seen now.</summary>
    private async Task<InboxPlace> End(CancellationToken cancel) => new(await feed.FeedEnd(cancel));

    /// <summary>Whether a place stands before that end: one that does not is of another journal, or of rows that were cut off, and what comes would be passed over.</summary>
    private async Task<bool> Reaches(InboxPlace place, CancellationToken cancel) =>
        followed() is { } far && !Inbox.IsBefore(new InboxPlace(far).Order, place.Order) || !Inbox.IsBefore((await End(cancel)).Order, place.Order);

    /// <summary>Entries behind a place; waits for the first. Null: what stood there was cut off, or never did.</summary>
    /// <param name="wait">Ends when nobody waits any more: then there are none, or none in what was looked at, and the next goes on there.</param>
    public async Task<InboxPage?> Read(InboxPlace place, int limit, CancellationToken wait)
    {
        for (var looks = 1; ; looks++)
        {
            await inbox.Complete;
            if (inbox.After(place, limit) is { } known)
            {
                if (known.Entries.Count > 0) return new(known.Entries, known.Entries[^1].Place);

                await known.More.WaitAsync(wait).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                if (!known.More.IsCompleted) return new([], place);
            }
            else
            {
                var (conversations, upTo) = inbox.Heard;
                if (upTo is null) continue; // it is looked up anew

                if (await Stored(place, limit, conversations, upTo) is not { } page) return null;
                if (page.Entries.Count > 0 || (wait.IsCancellationRequested && looks >= TalkLimits.Looks)) return page;

                place = page.Next;
            }
        }
    }

    public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();

    /// <param name="upTo">What was opened behind that is told by the feed: it may be none of these conversations.</param>
    private async Task<InboxPage?> Stored(InboxPlace place, int limit, IReadOnlyList<string> conversations, InboxPlace upTo)
    {
        // The rest of the row in the midst of which a page ended.
        if (place.Index is { } index)
        {
            var row = place.Feed.Place;
            var rest = (await log.Row(row.Stream, row.Seq, CancellationToken.None)).Where(entry => entry.Index > index && inbox.Hears(entry)).ToList();
            if (rest.Count > 0)
            {
                var some = rest.Take(limit).Select(entry => new ToldEntry(entry, place.Feed)).ToList();
                return new(some, some[^1].Place);
            }

            place = new(place.Feed);
        }

        var query = new FeedQuery(place.Feed.ToString(), ConversationEntity.Kind) { Streams = conversations, Patience = TimeSpan.Zero, MostRows = TalkLimits.LookRows, MostBytes = TalkLimits.RecentBytes };
        var window = await feed.Next(query, CancellationToken.None);
        if (window.Reset) return null;

        var told = new List<ToldEntry>();
        for (var row = 0; row < window.Rows.Count; row++)
        {
            var behind = window.Behind(row);
            foreach (var entry in await log.Open(window.Rows[row]))
            {
                if (Inbox.IsBefore(upTo.Order, (behind.Place, entry.Index))) return new(told, upTo);
                if (!inbox.Hears(entry)) continue;

                told.Add(new(entry, behind));
                if (told.Count == limit) return new(told, told[^1].Place);
            }
        }

        var end = new InboxPlace(window.Cursor);
        return new(told, Inbox.IsBefore(upTo.Order, end.Order) ? upTo : end);
    }
}
