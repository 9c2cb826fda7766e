using System.Diagnostics.CodeAnalysis;
using Agora.Application.Operations;
using Agora.Core.Kernel;

namespace Agora.Application.Calls;

/// <summary>What a use case gives to its door: what was asked for, or why it is refused, and what the caller can do next.</summary>
internal sealed record Result<T>(T? Value, Rejection? Refusal)
    where T : class
{
    public Advice Advice { get; init; } = Advice.None;

    /// <summary>It is the stored outcome of an earlier call with this idempotency key.</summary>
    public bool Replayed { get; init; }

    /// <summary>Work that continues after this result and holds what the caller sent. Null if there is none.</summary>
    public Task? Continues { get; init; }

    [MemberNotNullWhen(true, nameof(Refusal))]
    [MemberNotNullWhen(false, nameof(Value))]
    public bool IsRefused => Refusal is not null;
}

/// <summary>Makes results.</summary>
internal static class Result
{
    public static Result<T> Of<T>(T value, Advice? advice = null)
        where T : class => new(value, null) { Advice = advice ?? Advice.None };

    public static Result<T> Refused<T>(Rejection refusal, Advice? advice = null)
        where T : class => new(null, refusal) { Advice = advice ?? Advice.None };
}

/// <summary>What goes with a result: how its session stands, and what would now succeed.</summary>
/// <param name="Allowance">Null if the result belongs to no session, or the session did not answer in time.</param>
internal sealed record Advice(Allowance? Allowance, IReadOnlyList<NextAction> Actions)
{
    /// <summary>No action that follows from the refused call alone goes before these.</summary>
    public bool Stands { get; init; }

    public static Advice None { get; } = new(null, []);

    public static Advice Of(params IReadOnlyList<NextAction> actions) => new(null, actions);
}
