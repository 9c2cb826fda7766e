using Agora.Core.Webhooks;
using Agora.Journal;

namespace Agora.Grains.Webhooks;

/// <summary>A row of the feed with the notices that its events give. It is decoded once, when the first endpoint may want one of them.</summary>
internal sealed class FeedRow
{
    private readonly Lazy<IReadOnlyList<JournalEntry>> _entries;
    private readonly Lazy<IReadOnlyList<Happened>> _happened;

    public FeedRow(JournalRow row, FeedCursor behind)
    {
        (Row, Behind) = (row, behind);
        _entries = new(() => RowCodec.Decode(row));
        _happened = new(() => Happened.In(row, _entries.Value));
    }

    public JournalRow Row { get; }

    /// <summary>The cursor behind this row.</summary>
    public FeedCursor Behind { get; }

    /// <summary>The notices of this row that an endpoint wants. Events are read only if one of them may give such a notice.</summary>
    public IEnumerable<Happened> WantedBy(WebhookDefinition endpoint) =>
        _entries.Value.Any(entry => entry.Events.Any(stored => Notices.MayTell(stored.Name, endpoint.Types)))
            ? _happened.Value.Where(happened => endpoint.Wants(happened.Notice.Type))
            : [];
}

/// <param name="After">The cursor before the first row.</param>
/// <param name="Cursor">The cursor behind the last row.</param>
/// <param name="Rows">Empty if no row came within the patience of the reader.</param>
/// <param name="Reset">The journal no longer has the place from which the window was to begin.</param>
internal sealed record SharedWindow(FeedCursor After, FeedCursor Cursor, IReadOnlyList<FeedRow> Rows, bool Reset = false);
