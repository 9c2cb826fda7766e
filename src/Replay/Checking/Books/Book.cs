using System.Runtime.CompilerServices;
using Agora.Core;
using Agora.Core.Kernel;

namespace Agora.Replay.Checking.Books;

/// <summary>
/// What must hold of one stream, by its events alone: it rests on no state and no decision of the product. The simulator holds it against every seed, and <c>check</c> against any journal.
/// </summary>
/// <param name="broken">Told of what does not hold.</param>
public abstract class Book(Action<string> broken)
{
    /// <summary>Null: no money is in streams of this kind that other rules do not see.</summary>
    public static Book? Of(StreamId stream, Action<string> broken) => stream.Kind switch
    {
        Kinds.Wallet => new WalletBook(stream.Id, broken),
        Kinds.Campaign => new CampaignBook(stream.Id, broken),
        Kinds.Session => new SessionBook(stream.Id, broken),
        Kinds.User => new UserBook(stream.Id, broken),
        _ => null,
    };

    /// <summary>Each event, in the stream's order.</summary>
    public abstract void Happened(Committed committed);

    protected void Expect(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref Sentence otherwise)
    {
        if (!holds)
        {
            broken(otherwise.ToString());
        }
    }
}

/// <summary>What is said where something does not hold; where it holds nothing is put together.</summary>
[InterpolatedStringHandler]
public ref struct Sentence
{
    private DefaultInterpolatedStringHandler _text;

    public Sentence(int literalLength, int formattedCount, bool holds, out bool isSaid)
    {
        isSaid = !holds;
        _text = isSaid ? new(literalLength, formattedCount, System.Globalization.CultureInfo.InvariantCulture) : default;
    }

    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

    public override string ToString() => _text.ToStringAndClear();
}
