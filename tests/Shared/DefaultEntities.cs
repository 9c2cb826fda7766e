using Agora.Core.Agents;
using Agora.Core.Cached;
using Agora.Core.Campaigns;
using Agora.Core.Chats;
using Agora.Core.Memories;
using Agora.Core.Moves;
using Agora.Core.Refunds;
using Agora.Core.Responses;
using Agora.Core.Runs;
using Agora.Core.Scenarios;
using Agora.Core.Services;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Core.Watches;

namespace Agora.Contracts;

/// <summary>Tests of what has nothing to do with tenants ask entities of the default one.</summary>
internal static class DefaultEntities
{
    public static EntityRef<UserCommand> User(this IEntities entities, string id) => entities.In(Core.Kernel.Tenant.Default).User(id);

    public static EntityRef<LeafCommand> Session(this IEntities entities, string id) => entities.In(Core.Kernel.Tenant.Default).Session(id);

    public static EntityRef<ChatCommand> Chat(this IEntities entities, string id) => entities.In(Core.Kernel.Tenant.Default).Chat(id);

    public static EntityRef<ResponseCommand> Response(this IEntities entities, string id) => entities.In(Core.Kernel.Tenant.Default).Response(id);

    public static EntityRef<CachedCommand> Cached(this IEntities entities, string id) => entities.In(Core.Kernel.Tenant.Default).Cached(id);

    public static EntityRef<MemoryCommand> Memory(this IEntities entities, string id) => entities.In(Core.Kernel.Tenant.Default).Memory(id);

    public static EntityRef<MoveCommand> Move(this IEntities entities, string id) => entities.In(Core.Kernel.Tenant.Default).Move(id);

    public static EntityRef<WatchCommand> Watch(this IEntities entities, string id) => entities.In(Core.Kernel.Tenant.Default).Watch(id);

    public static EntityRef<ScenarioCommand> Scenario(this IEntities entities, string id) => entities.In(Core.Kernel.Tenant.Default).Scenario(id);

    public static EntityRef<CampaignCommand> Campaign(this IEntities entities, string id) => entities.In(Core.Kernel.Tenant.Default).Campaign(id);

    public static EntityRef<ServiceCommand> Service(this IEntities entities, string id) => entities.In(Core.Kernel.Tenant.Default).Service(id);

    public static EntityRef<WalletCommand> Wallet(this IEntities entities, string id) => entities.In(Core.Kernel.Tenant.Default).Wallet(id);

    public static EntityRef<AgentCommand> Agent(this IEntities entities, string id) => entities.In(Core.Kernel.Tenant.Default).Agent(id);

    public static EntityRef<RefundCommand> Payment(this IEntities entities, string id) => entities.In(Core.Kernel.Tenant.Default).Payment(id);
}
