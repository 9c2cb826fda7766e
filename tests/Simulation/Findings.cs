namespace Agora.Simulation;

/// <summary>
/// What the checkers found. Only the first counts: what follows from a broken rule is noise. A finding does not throw, because
/// it may come up inside a turn of the product, which would answer it as a failure of its own.
/// </summary>
/// <param name="byCheckersOnly">What the product itself notices does not count: a planted bug is for the checkers to find.</param>
public sealed class Findings(TimeProvider time, bool byCheckersOnly)
{
    private readonly long _start = time.GetTimestamp();

    public string? First { get; private set; }

    public bool Any => First is not null;

    public void Add(string sentence) => First ??= string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"at {time.GetElapsedTime(_start).TotalSeconds:0.000} s: {sentence}");

    /// <summary>The product says that something in it is broken.</summary>
    public void AddNoticed(string sentence)
    {
        if (!byCheckersOnly)
        {
            Add(sentence);
        }
    }

    public void Expect(bool holds, string sentence)
    {
        if (!holds)
        {
            Add(sentence);
        }
    }
}
