using Agora.Core.Kernel;

namespace Agora.Core.People;

/// <summary>Why a person's stream refuses.</summary>
public static class PersonRejection
{
    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such person.");

    public static Rejection WrongCode { get; } = new(Codes.Unauthorized, "The name or the code is wrong, or the code was used or is too old.");

    public static Rejection SignedOut { get; } = new(Codes.Unauthorized, "The person was signed out meanwhile. Sign in again.");

    public static Rejection SecondFactorLocked { get; } = new(Codes.Unauthorized, $"The second factor is locked after {Limits.SecondFactorFailures} wrong codes in a row. Ask an operator for a code, and choose the password again.");

    public static Rejection SecondFactorUsed { get; } = new(Codes.Unauthorized, "The code of the second factor was used already. Wait for the next one.");
}
