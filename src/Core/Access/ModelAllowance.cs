namespace Agora.Core.Access;

/// <summary>What a session, and all below it, may have of models besides money. Each is null where nothing bounds it.</summary>
/// <param name="Tokens">Read and written, as long as the session lives.</param>
/// <param name="Calls">That were made, likewise.</param>
/// <param name="TokensPerMinute">Read and written in a minute, what is under way included.</param>
/// <param name="CallsPerMinute">Begun in a minute.</param>
public sealed record ModelAllowance(long? Tokens = null, long? Calls = null, long? TokensPerMinute = null, long? CallsPerMinute = null)
{
    private static readonly ModelAllowance Unbounded = new();

    /// <summary>What is granted where nothing else is asked for.</summary>
    public static ModelAllowance? Narrowed(ModelAllowance? granted, ModelAllowance? asked) => asked is null || granted is null ? asked ?? granted
        : new(asked.Tokens ?? granted.Tokens, asked.Calls ?? granted.Calls, asked.TokensPerMinute ?? granted.TokensPerMinute, asked.CallsPerMinute ?? granted.CallsPerMinute);

    /// <summary>What both allow; the first itself where it allows no more than the other.</summary>
    public static ModelAllowance? Both(ModelAllowance? one, ModelAllowance? other)
    {
        if (one is null || other is null) return one ?? other;

        var both = new ModelAllowance(Less(one.Tokens, other.Tokens), Less(one.Calls, other.Calls), Less(one.TokensPerMinute, other.TokensPerMinute), Less(one.CallsPerMinute, other.CallsPerMinute));
        return both == one ? one : both;
    }

    /// <summary>The first of what is asked for that is more than what is granted; null: none is.</summary>
    public static (string List, string Value)? Exceeding(ModelAllowance? granted, ModelAllowance? asked)
    {
        var (most, wanted) = (granted ?? Unbounded, asked ?? Unbounded);
        return Beyond("tokens", most.Tokens, wanted.Tokens) ?? Beyond("calls", most.Calls, wanted.Calls)
            ?? Beyond("tokens_per_minute", most.TokensPerMinute, wanted.TokensPerMinute) ?? Beyond("calls_per_minute", most.CallsPerMinute, wanted.CallsPerMinute);
    }

    private static (string, string)? Beyond(string name, long? most, long? wanted) => wanted > most ? ($"model_limits.{name}", wanted.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)) : null;

    private static long? Less(long? one, long? other) => one is { } a && other is { } b ? Math.Min(a, b) : one ?? other;
}
