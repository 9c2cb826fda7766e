using Agora.Contracts;
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
using Agora.Grains.Kernel;

namespace Agora.Grains;

// Orleans finds a grain by a class for each marker. A test holds that none is missing.

public sealed class UserGrain(EntityPorts ports) : EntityGrain(UserEntity.Entity, ports), IUserGrain;

public sealed class SessionGrain(EntityPorts ports) : EntityGrain(SessionEntity.Entity, ports), ISessionGrain;

public sealed class CampaignGrain(EntityPorts ports) : EntityGrain(CampaignEntity.Entity, ports), ICampaignGrain;

public sealed class ServiceGrain(EntityPorts ports) : EntityGrain(ServiceEntity.Entity, ports), IServiceGrain;

public sealed class WalletGrain(EntityPorts ports) : EntityGrain(WalletEntity.Entity, ports), IWalletGrain
{
    public Task<Answer<WalletView>> Deposit(CommandEnvelope<WalletCommand.Deposit> command, CancellationToken cancel) => Decide<WalletCommand.Deposit, WalletView>(command, cancel);

    public Task<Answer<WalletView>> Withdraw(CommandEnvelope<WalletCommand.Withdraw> command, CancellationToken cancel) => Decide<WalletCommand.Withdraw, WalletView>(command, cancel);

    public Task<Answer<TransferTaken>> Transfer(CommandEnvelope<WalletCommand.Transfer> command, CancellationToken cancel) => Decide<WalletCommand.Transfer, TransferTaken>(command, cancel);

    public Task<Answer<PaymentEnd>> Settle(CommandEnvelope<WalletCommand.Settle> command, CancellationToken cancel) => Decide<WalletCommand.Settle, PaymentEnd>(command, cancel);

    public Task<Answer<PaymentEnd>> SettleByHand(CommandEnvelope<WalletCommand.SettleByHand> command, CancellationToken cancel) => Decide<WalletCommand.SettleByHand, PaymentEnd>(command, cancel);

    public Task<Answer<PaymentFound>> FindPayment(CommandEnvelope<WalletCommand.FindPayment> command, CancellationToken cancel) => Decide<WalletCommand.FindPayment, PaymentFound>(command, cancel);

    public Task<Answer<WalletView>> Get(CommandEnvelope<WalletCommand.Get> command, CancellationToken cancel) => Decide<WalletCommand.Get, WalletView>(command, cancel);
}

public sealed class AgentGrain(EntityPorts ports) : EntityGrain(AgentEntity.Entity, ports), IAgentGrain;

public sealed class PaymentGrain(EntityPorts ports) : EntityGrain(RefundEntity.Entity, ports), IPaymentGrain;

public sealed class WebhookGrain(EntityPorts ports) : EntityGrain(WebhookEntity.Entity, ports), IWebhookGrain;

public sealed class ClockGrain(EntityPorts ports) : EntityGrain(ClockEntity.Entity, ports), IClockGrain;

public sealed class UpstreamGrain(EntityPorts ports) : EntityGrain(UpstreamEntity.Entity, ports), IUpstreamGrain;

public sealed class ConversationGrain(EntityPorts ports) : EntityGrain(ConversationEntity.Entity, ports), IConversationGrain;

public sealed class PersonGrain(EntityPorts ports) : EntityGrain(PersonEntity.Entity, ports), IPersonGrain;

public sealed class ResponseGrain(EntityPorts ports) : EntityGrain(ResponseEntity.Entity, ports), IResponseGrain;

public sealed class CachedGrain(EntityPorts ports) : EntityGrain(CachedEntity.Entity, ports), ICachedGrain;

public sealed class ChatGrain(EntityPorts ports) : EntityGrain(ChatEntity.Entity, ports), IChatGrain;

public sealed class AttachmentGrain(EntityPorts ports) : EntityGrain(AttachmentEntity.Entity, ports), IAttachmentGrain;
public sealed class MemoryGrain(EntityPorts ports) : EntityGrain(MemoryEntity.Entity, ports), IMemoryGrain;

public sealed class WatchGrain(EntityPorts ports) : EntityGrain(WatchEntity.Entity, ports), IWatchGrain;

public sealed class ScenarioGrain(EntityPorts ports) : EntityGrain(ScenarioEntity.Entity, ports), IScenarioGrain;
public sealed class MoveGrain(EntityPorts ports) : EntityGrain(MoveEntity.Entity, ports), IMoveGrain;

public sealed class SignInGrain(EntityPorts ports) : EntityGrain(SignInEntity.Entity, ports), ISignInGrain;
