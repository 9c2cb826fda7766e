using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
using Agora.Journal;
using Agora.Journal.Personal;
using Microsoft.Extensions.Logging;

namespace Agora.Grains.Kernel;

/// <summary>What an entity hears of a step, in its turns.</summary>
public interface IStepEvents
{
    /// <summary>Once, unless it <see cref="Broke"/>.</summary>
    void Came(StepOutcome outcome);

    /// <summary>A programmer's error.</summary>
    void Broke(Exception broken);

    /// <summary>How far something outside is.</summary>
    void Reported(object progress);
}

/// <summary>Does what an entity wants done elsewhere. What the other side or the network does is an outcome.</summary>
public interface IStepRunner
{
    /// <param name="ending">As of <see cref="OutsideContext"/>.</param>
    void Run(StreamId from, StepTarget target, Guid commandId, string? trace, IStepEvents heard, CancellationToken ending);
}

/// <summary>Everything of the world that an EntityHost touches.</summary>
/// <param name="NewActivation">Random ids; one an activation seeds the ids of the commands that it gives itself and others.</param>
public sealed record EntityPorts(IJournal Journal, GroupCommitter Committer, PersonalKeys Keys, SnapshotCodes Snapshots, IStepRunner Steps, TimeProvider Time, ILogger Log, Func<Guid> NewActivation)
{
    public Guid Activation { get; private init; }

    public ITimeZones Zones { get; init; } = SystemTimeZones.Instance;

    /// <summary>Fewer in tests only.</summary>
    public int SnapshotEvery { get; init; } = Limits.SnapshotEvery;

    /// <summary>Null: there are no tenants for tests here.</summary>
    public TenantTimes? Times { get; init; }

    /// <summary>Of a stream whose time is told by its tenant's clock; null: its time is the world's.</summary>
    public TenantTime? Clock { get; private init; }

    public EntityPorts ForActivation(StreamId stream) => (Tenant.Parse(stream.Tenant) is { HasClock: true } tenant ? Times?.Clocked(tenant) : null) is { } clock
        ? this with { Activation = NewActivation(), Clock = clock, Time = clock }
        : this with { Activation = NewActivation() };

    /// <summary>Completes at once while the key is cached.</summary>
    public ValueTask<PersonalKey?> PersonalKey(string? keyId)
    {
        if (keyId is null) return default;

        var key = Keys.Get(keyId);
        return key.IsCompletedSuccessfully ? new(key.Result) : Loaded(key);
    }

    private static async ValueTask<PersonalKey?> Loaded(ValueTask<PersonalKey> key) => await key;
}

/// <summary>The command was not decided here, or it is not known whether it was.</summary>
public sealed class NotDecidedException(OperatingFailure failure) : Exception($"Not decided: {failure.Kind}.")
{
    public OperatingFailure Failure { get; } = failure;
}

internal static class Failures
{
    public static OperatingFailure Of(AppendStatus status) => status switch
    {
        AppendStatus.Conflict or AppendStatus.KeyTaken => new(FailureKind.Conflict),
        AppendStatus.Overloaded => new(FailureKind.Overloaded),
        AppendStatus.Unavailable or AppendStatus.ClockAhead => new(FailureKind.Unavailable, RetryAfterSeconds: 2),
        _ => throw new System.Diagnostics.UnreachableException($"append status {status}"),
    };
}

/// <summary>Refusals that the key of a request gets, before its command is looked at.</summary>
public static class KeyRejection
{
    public static readonly Rejection Conflict = new(Codes.IdempotencyConflict, "This Idempotency-Key was used with another request. Use a new key for a new request.");

    /// <summary>Its id is of another time, and whether it was decided is not known any more.</summary>
    public static readonly Rejection Stale = new(Codes.Unavailable, "The command is older than two minutes and may have been decided. Look before sending it again.", RetryAfterSeconds: 1, Retry: true);

    private static readonly Rejection StillRunning = new(
        Codes.IdempotencyInFlight, "The first request with this Idempotency-Key is still running. Repeat this one for its outcome.", RetryAfterSeconds: 1, Retry: true);

    /// <summary>Null when it is the same request: a message that was duplicated or sent again.</summary>
    internal static Rejection? Between(CommandKey? first, CommandKey? repeat) =>
        first?.RequestId == repeat?.RequestId ? null
        : first?.BodyHash != repeat?.BodyHash ? Conflict
        : StillRunning;
}
