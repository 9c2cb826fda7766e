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
using Agora.Grains.Kernel;

namespace Agora.Grains;

// Orleans finds a grain by a class for each marker; the embedded engine makes them of the manifest. A test holds that none is missing.

public sealed class UserGrain(EntityPorts ports) : EntityGrain<UserState, UserCommand, UserEvent>(UserEntity.Entity, ports), IUserGrain;

public sealed class SessionGrain(EntityPorts ports) : EntityGrain<SessionState, LeafCommand, LeafEvent>(SessionEntity.Entity, ports), ISessionGrain;

public sealed class CampaignGrain(EntityPorts ports) : EntityGrain<CampaignState, CampaignCommand, CampaignEvent>(CampaignEntity.Entity, ports), ICampaignGrain;

public sealed class ServiceGrain(EntityPorts ports) : EntityGrain<ServiceState, ServiceCommand, ServiceEvent>(ServiceEntity.Entity, ports), IServiceGrain;

public sealed class WalletGrain(EntityPorts ports) : EntityGrain<WalletState, WalletCommand, WalletEvent>(WalletEntity.Entity, ports), IWalletGrain;

public sealed class AgentGrain(EntityPorts ports) : EntityGrain<AgentState, AgentCommand, AgentEvent>(AgentEntity.Entity, ports), IAgentGrain;

public sealed class PaymentGrain(EntityPorts ports) : EntityGrain<RefundState, RefundCommand, RefundEvent>(RefundEntity.Entity, ports), IPaymentGrain;

public sealed class WebhookGrain(EntityPorts ports) : EntityGrain<WebhookState, WebhookCommand, WebhookEvent>(WebhookEntity.Entity, ports), IWebhookGrain;

public sealed class ClockGrain(EntityPorts ports) : EntityGrain<ClockState, ClockCommand, ClockEvent>(ClockEntity.Entity, ports), IClockGrain;

public sealed class UpstreamGrain(EntityPorts ports) : EntityGrain<UpstreamState, UpstreamCommand, UpstreamEvent>(UpstreamEntity.Entity, ports), IUpstreamGrain;

public sealed class ConversationGrain(EntityPorts ports) : EntityGrain<ConversationState, ConversationCommand, ConversationEvent>(ConversationEntity.Entity, ports), IConversationGrain;

public sealed class PersonGrain(EntityPorts ports) : EntityGrain<PersonState, PersonCommand, PersonEvent>(PersonEntity.Entity, ports), IPersonGrain;

public sealed class ResponseGrain(EntityPorts ports) : EntityGrain<ResponseState, ResponseCommand, ResponseEvent>(ResponseEntity.Entity, ports), IResponseGrain;

public sealed class CachedGrain(EntityPorts ports) : EntityGrain<CachedState, CachedCommand, CachedEvent>(CachedEntity.Entity, ports), ICachedGrain;

public sealed class ChatGrain(EntityPorts ports) : EntityGrain<ChatState, ChatCommand, ChatEvent>(ChatEntity.Entity, ports), IChatGrain;

public sealed class AttachmentGrain(EntityPorts ports) : EntityGrain<AttachmentState, AttachmentCommand, AttachmentEvent>(AttachmentEntity.Entity, ports), IAttachmentGrain;
public sealed class MemoryGrain(EntityPorts ports) : EntityGrain<MemoryState, MemoryCommand, MemoryEvent>(MemoryEntity.Entity, ports), IMemoryGrain;

public sealed class WatchGrain(EntityPorts ports) : EntityGrain<WatchState, WatchCommand, WatchEvent>(WatchEntity.Entity, ports), IWatchGrain;

public sealed class ScenarioGrain(EntityPorts ports) : EntityGrain<ScenarioState, ScenarioCommand, ScenarioEvent>(ScenarioEntity.Entity, ports), IScenarioGrain;
public sealed class MoveGrain(EntityPorts ports) : EntityGrain<MoveState, MoveCommand, MoveEvent>(MoveEntity.Entity, ports), IMoveGrain;

public sealed class SignInGrain(EntityPorts ports) : EntityGrain<SignInState, SignInCommand, SignInEvent>(SignInEntity.Entity, ports), ISignInGrain;
