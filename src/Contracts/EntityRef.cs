using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;

namespace Agora.Contracts;

/// <summary>The way to an entity: typed by its commands, so that none is sent to the wrong kind.</summary>
public interface IEntities
{
    EntityRef<UserCommand> User(string id);

    EntityRef<SessionCommand> Session(string id);

    EntityRef<CampaignCommand> Campaign(string id);

    EntityRef<ServiceCommand> Service(string id);

    EntityRef<WalletCommand> Wallet(string id);

    EntityRef<AgentCommand> Agent(string id);

    EntityRef<RefundCommand> Payment(string id);
}

/// <summary>Sends commands to one entity, and resends once when its activation lost its place: with the same command id, so it happens once.</summary>
public sealed class EntityRef<TCommand>(StreamId stream, Func<StreamId, Envelope, CancellationToken, Task<Envelope>> send)
    where TCommand : class
{
    public StreamId Stream { get; } = stream;

    /// <exception cref="OperatingException">Not decided, or not known: retryable.</exception>
    public async Task<Answer> Send(TCommand command, CommandContext context, CancellationToken cancel = default)
    {
        var envelope = new Envelope(context.CommandId, context.Trace, command, context.Key, context.IsStep, context.Actor);
        var body = (await send(Stream, envelope, cancel)).Body;
        if (body is OperatingFailure { Kind: FailureKind.Conflict })
        {
            body = (await send(Stream, envelope, cancel)).Body;
        }

        return body is OperatingFailure failure ? throw new OperatingException(failure) : (Answer)body;
    }
}

/// <param name="CommandId">UUIDv7 of a command without a key, <see cref="Ids.FromKey"/> of one with a key.</param>
public sealed record CommandContext(Guid CommandId, string? Trace = null, CommandKey? Key = null, bool IsStep = false, string? Actor = null);

/// <summary>An <see cref="OperatingFailure"/> as its caller sees it: 503 with Retry-After over HTTP (Defect: 500).</summary>
public sealed class OperatingException(OperatingFailure failure) : Exception($"The command was not decided: {failure.Kind}.")
{
    public OperatingFailure Failure { get; } = failure;
}
