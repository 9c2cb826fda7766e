using Agora.Core;
using Agora.Core.Agents;
using Agora.Core.Attachments;
using Agora.Core.Cached;
using Agora.Core.Campaigns;
using Agora.Core.Chats;
using Agora.Core.Clocks;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Core.Moves;
using Agora.Core.People;
using Agora.Core.Refunds;
using Agora.Core.Responses;
using Agora.Core.Runs;
using Agora.Core.Scenarios;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.SignIns;
using Agora.Core.Upstreams;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Core.Watches;
using Agora.Core.Webhooks;

namespace Agora.Contracts;

/// <summary>The way to an entity.</summary>
public interface IEntities
{
    /// <param name="stream">Of the kind that takes these commands: <see cref="TenantEntities"/> sees to that.</param>
    EntityRef<TCommand> Of<TCommand>(StreamId stream)
        where TCommand : class;
}

public static class EntityRefs
{
    /// <summary>The way to one tenant's entities: there is none to an entity without saying whose it is.</summary>
    public static TenantEntities In(this IEntities entities, Tenant tenant) => new(entities, tenant);
}

/// <summary>Typed by its commands, so that none is sent to the wrong kind.</summary>
public readonly struct TenantEntities(IEntities entities, Tenant tenant)
{
    public EntityRef<UserCommand> User(string id) => Of(UserEntity.Entity, id);

    public EntityRef<LeafCommand> Session(string id) => Of(SessionEntity.Entity, id);

    public EntityRef<CampaignCommand> Campaign(string id) => Of(CampaignEntity.Entity, id);

    public EntityRef<ServiceCommand> Service(string id) => Of(ServiceEntity.Entity, id);

    public EntityRef<WalletCommand> Wallet(string id) => Of(WalletEntity.Entity, id);

    public EntityRef<AgentCommand> Agent(string id) => Of(AgentEntity.Entity, id);

    public EntityRef<RefundCommand> Payment(string id) => Of(RefundEntity.Entity, id);

    public EntityRef<WebhookCommand> Webhook(string id) => Of(WebhookEntity.Entity, id);

    /// <summary>Of the tenant for tests, whatever generation of it this is.</summary>
    public EntityRef<ClockCommand> Clock => entities.Of<ClockCommand>(tenant.Clock);

    public EntityRef<UpstreamCommand> Upstream(string id) => Of(UpstreamEntity.Entity, id);

    public EntityRef<ConversationCommand> Conversation(string id) => Of(ConversationEntity.Entity, id);

    public EntityRef<PersonCommand> Person(string id) => Of(PersonEntity.Entity, id);

    public EntityRef<ResponseCommand> Response(string id) => Of(ResponseEntity.Entity, id);

    public EntityRef<ChatCommand> Chat(string id) => Of(ChatEntity.Entity, id);

    public EntityRef<AttachmentCommand> Attachment(string id) => Of(AttachmentEntity.Entity, id);

    public EntityRef<CachedCommand> Cached(string id) => Of(CachedEntity.Entity, id);

    public EntityRef<MemoryCommand> Memory(string id) => Of(MemoryEntity.Entity, id);

    public EntityRef<WatchCommand> Watch(string id) => Of(WatchEntity.Entity, id);

    public EntityRef<ScenarioCommand> Scenario(string id) => Of(ScenarioEntity.Entity, id);
    public EntityRef<MoveCommand> Move(string id) => Of(MoveEntity.Entity, id);

    public EntityRef<SignInCommand> SignIn(string id) => Of(SignInEntity.Entity, id);

    public EntityRef<TCommand> Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, string id)
        where TState : class
        where TCommand : class
        where TEvent : class => entities.Of<TCommand>(new(tenant.Name, entity.Kind, id));
}

/// <summary>Sends commands to one entity, and resends once when its activation lost its place: with the same command id, so it happens once.</summary>
public sealed class EntityRef<TCommand>(StreamId stream, Func<StreamId, Envelope, CancellationToken, Task<Envelope>> send)
    where TCommand : class
{
    public StreamId Stream { get; } = stream;

    /// <exception cref="OperatingException">Not decided, or not known: retryable.</exception>
    public Task<Answer> Send(TCommand command, CommandContext context, CancellationToken cancel = default) => Send((object)command, context, cancel);

    /// <summary>The same, with the reply that this command has.</summary>
    /// <exception cref="OperatingException">As of <see cref="Send(TCommand, CommandContext, CancellationToken)"/>.</exception>
    public async Task<Answer<TReply>> Ask<TReply>(ICommand<TCommand, TReply> command, CommandContext context, CancellationToken cancel = default)
        where TReply : class => new(new Envelope(context.CommandId, context.Trace, await Send((object)command, context, cancel)));

    /// <summary>What became of the command of this id and key, for whoever has to know it before the command can be made. Null: nothing yet.</summary>
    /// <exception cref="OperatingException">As of a command.</exception>
    public async Task<Answer?> Outcome(CommandContext context, CancellationToken cancel = default) =>
        await Send(OutcomeAsked.Value, context, cancel) is { Reply: not Nothing } known ? known : null;

    private async Task<Answer> Send(object command, CommandContext context, CancellationToken cancel)
    {
        var envelope = context.Envelope(command);
        var body = (await send(Stream, envelope, cancel)).Body;
        if (body is OperatingFailure { Kind: FailureKind.Conflict })
        {
            body = (await send(Stream, envelope, cancel)).Body;
        }

        return body is OperatingFailure failure ? throw new OperatingException(failure) : (Answer)body;
    }
}

/// <param name="CommandId">UUIDv7 of a command without a key, <see cref="Ids.FromKey"/> of one with a key.</param>
public sealed record CommandContext(Guid CommandId, string? Trace = null, CommandKey? Key = null, bool IsStep = false, string? Actor = null, Act? Act = null)
{
    internal Envelope Envelope(object command) => new(CommandId, Trace, command, Key, IsStep, Actor, Act);
}

/// <summary>An <see cref="OperatingFailure"/> as its caller sees it: 503 with Retry-After over HTTP (Defect: 500).</summary>
public sealed class OperatingException(OperatingFailure failure) : Exception($"The command was not decided: {failure.Kind}.")
{
    public OperatingFailure Failure { get; } = failure;
}
