using System.Collections.Frozen;
using System.Reflection;
using Agora.Core.Agents;
using Agora.Core.Attachments;
using Agora.Core.Cached;
using Agora.Core.Campaigns;
using Agora.Core.Chats;
using Agora.Core.Clocks;
using Agora.Core.Conversations;
using Agora.Core.Memories;
using Agora.Core.Moves;
using Agora.Core.People;
using Agora.Core.Refunds;
using Agora.Core.Responses;
using Agora.Core.Scenarios;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.SignIns;
using Agora.Core.Upstreams;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Core.Watches;
using Agora.Core.Webhooks;
using Orleans;
using Orleans.Runtime;

namespace Agora.Contracts;

/// <summary>
/// An entity as a grain of Orleans: it takes one message and gives one answer. Its key is the stream's whole name, its marker interface the entity's kind.
/// </summary>
public interface IEntityGrain : IGrainWithStringKey
{
    Task<Envelope> Send(Envelope envelope);
}

/// <summary>A user: grants, completions, consents.</summary>
[EntityKind(UserEntity.Kind)]
public interface IUserGrain : IEntityGrain;

/// <summary>A session of an agent for a user: the only place where a run is decided.</summary>
[EntityKind(SessionEntity.Kind)]
public interface ISessionGrain : IEntityGrain;

/// <summary>A sponsor's campaign and its escrow.</summary>
[EntityKind(CampaignEntity.Kind)]
public interface ICampaignGrain : IEntityGrain;

/// <summary>Something agents can buy.</summary>
[EntityKind(ServiceEntity.Kind)]
public interface IServiceGrain : IEntityGrain;

/// <summary>Money of a provider, an agent or a sponsor. A method for each command that has a reply of its own; a fund's commands, which several kinds take, go by <see cref="IEntityGrain.Send"/>.</summary>
[EntityKind(WalletEntity.Kind), GrainInterfaceType("Agora.Contracts.IWalletGrain"), Alias("agora.wallet")]
public interface IWalletGrain : IEntityGrain
{
    [Alias("deposit")]
    Task<Answer<WalletView>> Deposit(CommandEnvelope<WalletCommand.Deposit> command, CancellationToken cancel = default);

    [Alias("withdraw")]
    Task<Answer<WalletView>> Withdraw(CommandEnvelope<WalletCommand.Withdraw> command, CancellationToken cancel = default);

    [Alias("transfer")]
    Task<Answer<TransferTaken>> Transfer(CommandEnvelope<WalletCommand.Transfer> command, CancellationToken cancel = default);

    [Alias("settle")]
    Task<Answer<PaymentEnd>> Settle(CommandEnvelope<WalletCommand.Settle> command, CancellationToken cancel = default);

    [Alias("settle_by_hand")]
    Task<Answer<PaymentEnd>> SettleByHand(CommandEnvelope<WalletCommand.SettleByHand> command, CancellationToken cancel = default);

    [Alias("find_payment")]
    Task<Answer<PaymentFound>> FindPayment(CommandEnvelope<WalletCommand.FindPayment> command, CancellationToken cancel = default);

    [Alias("get")]
    Task<Answer<WalletView>> Get(CommandEnvelope<WalletCommand.Get> command, CancellationToken cancel = default);
}

/// <summary>A payment, as far as it is given back.</summary>
[EntityKind(RefundEntity.Kind)]
public interface IPaymentGrain : IEntityGrain;

/// <summary>An agent: its keys.</summary>
[EntityKind(AgentEntity.Kind)]
public interface IAgentGrain : IEntityGrain;

/// <summary>An address that is told what happens: what it was told, and what waits for it.</summary>
[EntityKind(WebhookEntity.Kind)]
public interface IWebhookGrain : IEntityGrain;

/// <summary>The clock of a tenant for tests.</summary>
[EntityKind(ClockEntity.Kind)]
public interface IClockGrain : IEntityGrain;

/// <summary>A server of tools that agents run as services.</summary>
[EntityKind(UpstreamEntity.Kind)]
public interface IUpstreamGrain : IEntityGrain;

/// <summary>What agents say to each other.</summary>
[EntityKind(ConversationEntity.Kind)]
public interface IConversationGrain : IEntityGrain;

/// <summary>Who signs in at the console with a password.</summary>
[EntityKind(PersonEntity.Kind)]
public interface IPersonGrain : IEntityGrain;

/// <summary>A model's reply that is kept.</summary>
[EntityKind(ResponseEntity.Kind)]
public interface IResponseGrain : IEntityGrain;

/// <summary>A model's reply, for requests that are equal.</summary>
[EntityKind(CachedEntity.Kind)]
public interface ICachedGrain : IEntityGrain;

/// <summary>What a user says to models, turn by turn.</summary>
[EntityKind(ChatEntity.Kind)]
public interface IChatGrain : IEntityGrain;

/// <summary>A file that a person gives to a model.</summary>
[EntityKind(AttachmentEntity.Kind)]
public interface IAttachmentGrain : IEntityGrain;

/// <summary>A book of memories of a user.</summary>
[EntityKind(MemoryEntity.Kind)]
public interface IMemoryGrain : IEntityGrain;

/// <summary>A dialogue of models that people watch.</summary>
[EntityKind(WatchEntity.Kind)]
public interface IWatchGrain : IEntityGrain;

/// <summary>A situation that people practise with a model.</summary>
[EntityKind(ScenarioEntity.Kind)]
public interface IScenarioGrain : IEntityGrain;

/// <summary>Where a user of an older chat is while it moves in.</summary>
[EntityKind(MoveEntity.Kind)]
public interface IMoveGrain : IEntityGrain;

/// <summary>Which kind of entity a marker stands for: dashboards and traces name the interface.</summary>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class EntityKindAttribute(string kind) : Attribute
{
    public string Kind { get; } = kind;
}

/// <summary>The marker of each kind of entity; a test holds that none is missing.</summary>
public static class Markers
{
    private static readonly FrozenDictionary<string, Type> ByKind = typeof(Markers).Assembly.GetTypes()
        .Select(type => (Type: type, type.GetCustomAttribute<EntityKindAttribute>()?.Kind))
        .Where(marker => marker.Kind is not null)
        .ToFrozenDictionary(marker => marker.Kind!, marker => marker.Type, StringComparer.Ordinal);

    public static IReadOnlyList<string> Kinds => ByKind.Keys;

    /// <exception cref="KeyNotFoundException">No marker is of this kind.</exception>
    public static Type Of(string kind) => ByKind[kind];
}

/// <summary>Sign-ins of browsers under one name.</summary>
[EntityKind(SignInEntity.Kind)]
public interface ISignInGrain : IEntityGrain;
