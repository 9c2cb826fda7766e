using System.Collections.Frozen;
using Agora.Core.Access;
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
using Agora.Core.Scenarios;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.SignIns;
using Agora.Core.Upstreams;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Core.Watches;
using Agora.Core.Webhooks;

namespace Agora.Core;

/// <summary>All entities there are. A new one is one line here.</summary>
public static class Manifest
{
    public static IReadOnlyList<Entity> Entities { get; } =
    [
        UserEntity.Entity,
        SessionEntity.Entity,
        CampaignEntity.Entity,
        ServiceEntity.Entity,
        WalletEntity.Entity,
        AgentEntity.Entity,
        RefundEntity.Entity,
        WebhookEntity.Entity,
        ClockEntity.Entity,
        UpstreamEntity.Entity,
        ConversationEntity.Entity,
        PersonEntity.Entity,
        ResponseEntity.Entity,
        CachedEntity.Entity,
        ChatEntity.Entity,
        AttachmentEntity.Entity,
        MemoryEntity.Entity,
        WatchEntity.Entity,
        ScenarioEntity.Entity,
        MoveEntity.Entity,
        SignInEntity.Entity,
    ];

    private static readonly FrozenDictionary<string, Entity> ByKind = Entities.ToFrozenDictionary(entity => entity.Kind, StringComparer.Ordinal);

    public static IReadOnlyList<string> Kinds { get; } = [.. Entities.Select(entity => entity.Kind)];

    /// <summary>All query tables, each once.</summary>
    public static IReadOnlyList<Table> Tables { get; } = [.. Entities.SelectMany(entity => entity.Tables).Distinct(), ActTables.Acts];

    /// <summary>Null: no entity is of this kind.</summary>
    public static Entity? Find(string kind) => ByKind.GetValueOrDefault(kind);

    /// <summary>Who asks a node, or tells a session, says only what: the entity at that stream takes it as a command of its own.</summary>
    public static object Heard(StreamId stream, object asked) => Find(stream.Kind)?.Heard(asked) ?? asked;

    /// <exception cref="InvalidDataException">No entity is of this kind.</exception>
    public static Entity Of(StreamId stream) => Find(stream.Kind) ?? throw new InvalidDataException($"{stream}: no feature owns streams of kind '{stream.Kind}'.");
}
