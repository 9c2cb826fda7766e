using System.Globalization;
using Agora.Core.Kernel;

namespace Agora.Core.Clocks;

/// <summary>Why a tenant's clock refuses.</summary>
public static class ClockRejection
{
    public static Rejection NotForward(DateTimeOffset now) => Invalid("/to", "minimum", $"Time goes forward only: it is {now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)} already.");

    public static Rejection StepTooLong { get; } = Invalid("", "maximum", $"One step is at most {Limits.ClockStepMost.TotalDays} days.");

    public static Rejection TooFar { get; } = Invalid("", "maximum", $"The clock is at most {Limits.ClockAheadMost.TotalDays} days ahead of the world's; POST /test/reset begins anew.");

    public static Rejection TooManyResets(DateTimeOffset now, DateTimeOffset next) => new(
        Codes.RateLimited, $"The tenant was reset {Limits.ResetsADay} times within a day, and what is left behind stays in the journal.", RetryAfterSeconds: Math.Max(1, (long)Math.Ceiling((next - now).TotalSeconds)));

    /// <summary>What a credential, or an entity, of a former generation answers.</summary>
    public static Rejection Over { get; } = new(Codes.TestReset, "The test tenant was reset since: what there was before is gone. Begin anew with a key of an operator's or a platform's.");

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}
