namespace Agora.Models.Wires;

/// <summary>
/// Joins characters that a provider cut in two (<see cref="WireText.Piece"/>). The first half waits for the next piece of the same text, so each event has text that UTF-8 can represent. A half without its other half becomes the
/// replacement character when its item is completed or the reply ends. If the stream is cut off, a waiting half is dropped.
/// </summary>
internal sealed class WholeCharacters(IWireStream inner) : IWireStream
{
    /// <summary>Events whose text is a waiting half, by the text that the half belongs to.</summary>
    private readonly Dictionary<(Type Kind, int Index, int Part), ModelEvent> _waiting = [];

    public bool IsOver => inner.IsOver;

    public bool AwaitsUsage => inner.AwaitsUsage;

    public void Read(ReadOnlyMemory<byte> data, List<ModelEvent> into)
    {
        var first = into.Count;
        inner.Read(data, into);
        for (var i = first; i < into.Count; i++)
        {
            if (PieceOf(into[i]) is { } piece)
            {
                i = Join(into, i, (into[i].GetType(), piece.Index, piece.Part), piece.Text);
            }
            else if (_waiting.Count > 0 && into[i] is ModelEvent.Completed or ModelEvent.Ended)
            {
                i = Release(into, i, (into[i] as ModelEvent.Completed)?.Index);
            }
        }
    }

    /// <summary>Counts have no text.</summary>
    public void Count(ReadOnlyMemory<byte> data, List<ModelEvent> into) => inner.Count(data, into);

    /// <returns>The index of the last event that has been handled.</returns>
    private int Join(List<ModelEvent> into, int at, (Type Kind, int Index, int Part) key, string text)
    {
        var isWaited = _waiting.Remove(key, out var before);
        if (!isWaited && (text.Length == 0 || (!char.IsLowSurrogate(text[0]) && !char.IsHighSurrogate(text[^1])))) return at;

        var said = into[at];
        var half = isWaited ? PieceOf(before!)!.Value.Text : "";
        if (text.Length > 0 && char.IsLowSurrogate(text[0]))
        {
            text = isWaited ? half + text : WireText.Replacement + text[1..];
        }
        else if (isWaited && text.Length > 0)
        {
            text = WireText.Replacement + text;
        }
        else
        {
            text = half + text;
        }

        if (text.Length > 0 && char.IsHighSurrogate(text[^1]))
        {
            _waiting[key] = With(said, text[^1..]);
            text = text[..^1];
        }

        if (text.Length == 0)
        {
            into.RemoveAt(at);
            return at - 1;
        }

        into[at] = With(said, text);
        return at;
    }

    /// <param name="index">The item whose text is complete; null if all are.</param>
    private int Release(List<ModelEvent> into, int at, int? index)
    {
        foreach (var key in _waiting.Keys.Where(key => index is null || key.Index == index).Order(Comparer<(Type, int Index, int Part)>.Create(static (a, b) => (a.Index, a.Part).CompareTo((b.Index, b.Part)))).ToList())
        {
            _waiting.Remove(key, out var half);
            into.Insert(at++, With(half!, WireText.Replacement.ToString()));
        }

        return at;
    }

    private static (int Index, int Part, string Text)? PieceOf(ModelEvent said) => said switch
    {
        ModelEvent.TextAdded e => (e.Index, e.Part, e.Text),
        ModelEvent.RefusalAdded e => (e.Index, e.Part, e.Text),
        ModelEvent.SummaryAdded e => (e.Index, e.Part, e.Text),
        ModelEvent.ReasoningAdded e => (e.Index, 0, e.Text),
        ModelEvent.ArgumentsAdded e => (e.Index, 0, e.Text),
        _ => null,
    };

    private static ModelEvent With(ModelEvent said, string text) => said switch
    {
        ModelEvent.TextAdded e => e with { Text = text },
        ModelEvent.RefusalAdded e => e with { Text = text },
        ModelEvent.SummaryAdded e => e with { Text = text },
        ModelEvent.ReasoningAdded e => e with { Text = text },
        ModelEvent.ArgumentsAdded e => e with { Text = text },
        _ => said,
    };
}
