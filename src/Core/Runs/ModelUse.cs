using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Core.Runs;

/// <summary>What a session, and all below it, has had of models, in tokens and calls. It follows from events alone, so a restart forgets none of it.</summary>
/// <param name="Tokens">That were read and written; of calls of which nobody knows, as many as were held.</param>
/// <param name="HeldTokens">That calls under way may read and write at most.</param>
/// <param name="Calls">That were made.</param>
/// <param name="HeldCalls">Under way.</param>
/// <param name="Since">When the minute began that is counted.</param>
/// <param name="MinuteTokens">Read and written by calls that ended in it.</param>
/// <param name="MinuteCalls">Begun in it.</param>
public sealed record ModelUse(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Tokens,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long HeldTokens,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Calls,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long HeldCalls,
    DateTimeOffset Since,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long MinuteTokens,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long MinuteCalls)
{
    public static readonly ModelUse None = new(0, 0, 0, 0, DateTimeOffset.UnixEpoch, 0, 0);

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>Why a call that may read and write so much is not begun; null: it may be.</summary>
    public Rejection? Refusal(ModelAllowance? allowed, string sessionId, long tokens, DateTimeOffset now)
    {
        if (allowed is null) return null;

        var minute = At(now);
        var left = (int)Math.Clamp(Math.Ceiling((minute.Since + Minute - now).TotalSeconds), 1, 60);
        if (allowed.CallsPerMinute == 0) return RunRejection.NoCallsLeft(sessionId, 0);
        if (Calls + HeldCalls >= allowed.Calls) return RunRejection.NoCallsLeft(sessionId, allowed.Calls.Value);
        if (allowed.Tokens - Tokens - HeldTokens is { } free && tokens > free) return RunRejection.OverTokens(sessionId, tokens, Math.Max(0, free));
        if (minute.MinuteCalls >= allowed.CallsPerMinute) return RunRejection.TooManyCalls(sessionId, allowed.CallsPerMinute.Value, left);
        if (tokens > allowed.TokensPerMinute) return RunRejection.OverTokens(sessionId, tokens, allowed.TokensPerMinute.Value);
        return minute.MinuteTokens + HeldTokens + tokens > allowed.TokensPerMinute ? RunRejection.TooManyTokens(sessionId, allowed.TokensPerMinute.Value, left) : null;
    }

    public ModelUse Begin(long tokens, DateTimeOffset at)
    {
        var minute = At(at);
        return minute with { HeldTokens = HeldTokens + tokens, HeldCalls = HeldCalls + 1, MinuteCalls = minute.MinuteCalls + 1 };
    }

    /// <param name="held">As it began.</param>
    /// <param name="used">Null: it was not made.</param>
    public ModelUse End(long held, long? used, DateTimeOffset at)
    {
        var minute = At(at);
        return minute with
        {
            HeldTokens = HeldTokens - held,
            HeldCalls = HeldCalls - 1,
            Tokens = Tokens + (used ?? 0),
            Calls = used is null ? Calls : Calls + 1,
            MinuteTokens = minute.MinuteTokens + (used ?? 0),
        };
    }

    private ModelUse At(DateTimeOffset now) => now - Since < Minute ? this : this with { Since = now, MinuteTokens = 0, MinuteCalls = 0 };
}
