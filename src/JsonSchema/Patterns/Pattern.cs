using System.Text;
using System.Text.RegularExpressions;
using Agora.JsonSchema.Evaluating;
using Agora.JsonSchema.Keywords;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Patterns;

internal enum PatternMatch
{
    No,
    Yes,
    TimedOut,
}

/// <summary>
/// A pattern ready to match. Most run on the engine that never backtracks, linear in the text. Those with lookaround,
/// backreferences, word boundaries or very large repeats cannot; they are charged <see cref="SchemaLimits.BacktrackingMatchWork"/> a match.
/// Either way a match is bounded by the clock: <see cref="SchemaLimits.PatternTryTimeout"/> times its tries.
/// </summary>
internal sealed class Pattern
{
    private readonly string _source;
    private readonly Regex _regex;
    private readonly AstralClasses? _classes;
    private readonly int _matchWork;
    private readonly int _tries;
    private readonly TimeSpan _tryTimeout;

    static Pattern() => WarmUp();

    private Pattern(string source, PatternTranslator translated, TimeSpan tryTimeout)
    {
        _source = source;
        _tryTimeout = tryTimeout;
        TranslatedLength = translated.Text.Length;
        _classes = translated.Classes;
        (_regex, bool backtracks) = Prepare(translated, tryTimeout);
        _matchWork = backtracks ? SchemaLimits.BacktrackingMatchWork : 2;
        _tries = backtracks ? SchemaLimits.BacktrackingTries : SchemaLimits.LinearTries;
    }

    public int TranslatedLength { get; }

    public string MismatchMessage => $"Must match the pattern {Words.Quote(_source)}.";

    public string TimeoutMessage => $"Matching the pattern {Words.Quote(_source)} timed out: send a shorter text.";

    /// <summary>The pattern, or null and what is wrong with it, as the rest of a sentence.</summary>
    public static Pattern? Create(string source, out string? problem) => Create(source, SchemaLimits.PatternTryTimeout, out problem);

    internal static Pattern? Create(string source, TimeSpan tryTimeout, out string? problem)
    {
        problem = source.Length > SchemaLimits.MaxPatternLength ? $"it is longer than {SchemaLimits.MaxPatternLength} characters" : null;
        if (problem is not null)
            return null;
        try
        {
            return new Pattern(source, PatternTranslator.Translate(source), tryTimeout);
        }
        catch (PatternException e)
        {
            problem = e.Message;
        }
        return null;
    }

    /// <summary>Whether the text is a pattern of ECMA-262, supported here or not.</summary>
    public static bool IsWellFormed(string source)
    {
        if (source.Length > SchemaLimits.MaxPatternLength)
            return true;
        try
        {
            PatternTranslator.Read(source);
            return true;
        }
        catch (PatternException e)
        {
            return e.Unsupported;
        }
    }

    public PatternMatch Match(ReadOnlySpan<byte> raw, ValidationRun run)
    {
        if (!run.Spend((int)Math.Min(int.MaxValue, _matchWork + (long)raw.Length)))
            return PatternMatch.No;
        var text = Prepare(JsonText.Decode(raw, stackalloc char[JsonText.ScratchLength]));
        for (int i = 0; i < _tries; i++)
        {
            long began = EngineClock();
            try
            {
                bool matches = _regex.IsMatch(text);
                if (InTime(began))
                    return matches ? PatternMatch.Yes : PatternMatch.No;
            }
            catch (RegexMatchTimeoutException)
            {
                // The next try, or the answer below.
            }
        }
        run.Spend(SchemaLimits.TimedOutMatchWork);
        return PatternMatch.TimedOut;
    }

    // Where its time is over, .NET's engine that never backtracks may take the place that it stopped at for the end of the
    // text, and answer either way instead of throwing. It reads this same clock, so an answer in time saw no timeout.
    private bool InTime(long began) => EngineClock() - began < Math.Round(_tryTimeout.TotalMilliseconds);

#pragma warning disable RS0030 // The timeout of an engine that stands beside the decision, and no part of it.
    private static long EngineClock() => Environment.TickCount64;
#pragma warning restore RS0030

    // The first match of a process compiles the engines, which alone takes longer than a match may.
    private static void WarmUp()
    {
        foreach (var engine in new[] { RegexOptions.NonBacktracking, RegexOptions.None })
        {
            foreach (string pattern in new[] { @"\A(?:[a-c]+|.x){1,3}\z", "b[0-9]*" })
                _ = new Regex(pattern, engine | RegexOptions.CultureInvariant).IsMatch("abcab");
        }
    }

    private static (Regex Regex, bool Backtracks) Prepare(PatternTranslator translated, TimeSpan tryTimeout)
    {
        if (!translated.Backtracks)
        {
            try
            {
                return (Build(RegexOptions.NonBacktracking), false);
            }
            catch (NotSupportedException)
            {
                // Repeats that unfold to more than 10,000 states, such as `.{1,4096}`: only the other engine counts them.
            }
        }
        return (Build(RegexOptions.None), true);

        Regex Build(RegexOptions engine) => new(translated.Text, engine | RegexOptions.CultureInvariant, tryTimeout);
    }

    private ReadOnlySpan<char> Prepare(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyInRange('\ud800', '\udfff'))
            return text;
        if (_classes is not null)
            return _classes.Rewrite(text);
        var repaired = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            repaired.Append(rune.ToString());
        return repaired.ToString();
    }
}
