using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;

namespace Agora.Contracts;

/// <summary>The way to an entity.</summary>
public interface IEntities
{
    /// <param name="stream">Of the kind that takes these commands: <see cref="EntityRefs"/> sees to that.</param>
    EntityRef<TCommand> Of<TCommand>(StreamId stream)
        where TCommand : class;
}

/// <summary>Typed by its commands, so that none is sent to the wrong kind.</summary>
public static class EntityRefs
{
    public static EntityRef<TCommand> Of<TState, TCommand, TEvent>(this IEntities entities, Entity<TState, TCommand, TEvent> entity, string id, string tenant = StreamId.DefaultTenant)
        where TState : class
        where TCommand : class
        where TEvent : class => entities.Of<TCommand>(new(tenant, entity.Kind, id));

    public static EntityRef<UserCommand> User(this IEntities entities, string id) => entities.Of(UserEntity.Entity, id);

    public static EntityRef<SessionCommand> Session(this IEntities entities, string id) => entities.Of(SessionEntity.Entity, id);

    public static EntityRef<CampaignCommand> Campaign(this IEntities entities, string id) => entities.Of(CampaignEntity.Entity, id);

    public static EntityRef<ServiceCommand> Service(this IEntities entities, string id) => entities.Of(ServiceEntity.Entity, id);

    public static EntityRef<WalletCommand> Wallet(this IEntities entities, string id) => entities.Of(WalletEntity.Entity, id);

    public static EntityRef<AgentCommand> Agent(this IEntities entities, string id) => entities.Of(AgentEntity.Entity, id);

    public static EntityRef<RefundCommand> Payment(this IEntities entities, string id) => entities.Of(RefundEntity.Entity, id);
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
