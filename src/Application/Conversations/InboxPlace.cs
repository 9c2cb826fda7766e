using System.Globalization;
using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Application.Conversations;

/// <summary>How far an agent has read all that its conversations tell it: in the order of the journal's feed, so one cursor is enough for all of them, at any process.</summary>
/// <param name="Feed">The feed's cursor: behind a row.</param>
/// <param name="Index">The entry of that very row that was told last; null: all of them.</param>
internal sealed record InboxPlace(FeedCursor Feed, int? Index = null)
{
    /// <summary>Before the first row.</summary>
    public static readonly InboxPlace Start = new(FeedCursor.Start);

    /// <param name="feed">As text.</param>
    /// <param name="index">As of the other.</param>
    public InboxPlace(string feed, int? index = null)
        : this(FeedCursor.Parse(feed), index)
    {
    }

    public (RowPlace Row, int Index) Order => (Feed.Place, Index ?? int.MaxValue);

    /// <summary>Enciphered for its tenant, as those of events are: the row may be another tenant's.</summary>
    public string Mint(FeedCursors cursors, Tenant tenant) => cursors.Mint(tenant, new(Feed, Index is { } index ? $"{Label}{index.ToString(CultureInfo.InvariantCulture)}" : Label));

    /// <returns>Null: it is no cursor of an inbox of this tenant.</returns>
    public static InboxPlace? Read(FeedCursors cursors, Tenant tenant, string cursor) => cursors.Read(tenant, cursor) is not { Told: { } told } place || !told.StartsWith(Label, StringComparison.Ordinal) ? null
        : told.Length == Label.Length ? new(place.Feed)
        : int.TryParse(told.AsSpan(Label.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? new(place.Feed, index) : null;

    /// <summary>As it is kept by whoever is told from there: it stays here, so nothing of it is enciphered.</summary>
    public string Kept => Index is { } index ? $"{index.ToString(CultureInfo.InvariantCulture)} {Feed}" : Feed.ToString();

    public static InboxPlace OfKept(string kept) => kept.Split(' ', 2) is [var index, var feed] ? new(feed, int.Parse(index, CultureInfo.InvariantCulture)) : new(kept);

    private const string Label = "inbox";
}
