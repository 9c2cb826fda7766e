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
using Agora.Core.SignIns;
using Agora.Core.Upstreams;
using Agora.Core.Wallets;
using Agora.Core.Watches;
using Agora.Core.Webhooks;

namespace Agora.Core.Tests.Kernel;

/// <summary>What is in journals already: a name or version may be added here, never changed or taken away.</summary>
public sealed class StoredNamesTests
{
    [Fact]
    public void Events_of_campaigns_keep_their_names() => Assert.Equal(
        [
            ("campaign.definition_put", 1), ("campaign.funded", 1), ("campaign.closed", 1),
            ("campaign.hold_reserved", 1), ("campaign.hold_posted", 1), ("campaign.hold_voided", 1), ("campaign.credited", 1),
            ("campaign.completion_counted", 1), ("campaign.completion_uncounted", 1),
            ("campaign.transfer_sent", 1), ("campaign.transfer_arrived", 1),
            ("campaign.reward_claimed", 1), ("campaign.reward_scheduled", 1), ("campaign.reward_paid", 1),
            ("campaign.reward_disputed", 1), ("campaign.reward_released", 1), ("campaign.reward_returned", 1),
        ],
        CampaignEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_wallets_keep_their_names() => Assert.Equal(
        [
            ("wallet.deposited", 1), ("wallet.withdrawn", 1), ("wallet.transferred", 1),
            ("wallet.hold_reserved", 1), ("wallet.hold_posted", 1), ("wallet.hold_voided", 1),
            ("wallet.credit_sent", 1), ("wallet.credit_arrived", 1), ("wallet.credited", 1),
            ("wallet.payment_presented", 1), ("wallet.settlement_begun", 1), ("wallet.settlement_put_off", 1),
            ("wallet.payment_settled", 1), ("wallet.payment_refused", 1), ("wallet.payment_unresolved", 1),
        ],
        WalletEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_refunds_keep_their_names() => Assert.Equal(
        [
            ("refund.requested", 1), ("refund.accepted", 1), ("refund.refused", 1), ("refund.wallet_followed", 1), ("refund.hold_disowned", 1),
            ("refund.node_counted", 1), ("refund.node_told_anew", 1), ("refund.node_released", 1),
        ],
        RefundEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_sign_ins_keep_their_names() => Assert.Equal([("signin.ended", 1), ("signin.all_ended", 1)], SignInEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_cached_replies_keep_their_names() => Assert.Equal([("cached.claimed", 1), ("cached.filled", 1), ("cached.released", 1)], CachedEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_attachments_keep_their_names() => Assert.Equal([("attachment.kept", 1), ("attachment.brought", 1)], AttachmentEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_chats_keep_their_names() =>
        Assert.Equal([("chat.begun", 1), ("chat.asked", 1), ("chat.replied_anew", 1), ("chat.summarized", 1), ("chat.rated", 1), ("chat.deleted", 1), ("chat.play_begun", 1), ("chat.hint_asked", 1), ("chat.hint_given", 1), ("chat.hint_failed", 1), ("chat.play_ended", 1), ("chat.judged", 1), ("chat.judge_asked", 1), ("chat.judge_failed", 1), ("chat.scored", 1), ("chat.imported", 1)], ChatEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_memories_keep_their_names() => Assert.Equal([("memory.kept", 1), ("memory.edited", 1), ("memory.moved", 1), ("memory.forgotten", 1), ("memory.preferred", 1), ("memory.unpreferred", 1)], MemoryEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_moves_keep_their_names() => Assert.Equal([("move.known", 1), ("move.came", 1), ("move.switched", 1)], MoveEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_watches_keep_their_names() => Assert.Equal(
        [
            ("watch.begun", 1), ("watch.turn_begun", 1), ("watch.turn_held", 1), ("watch.turn_ended", 1), ("watch.turn_failed", 1), ("watch.asked", 1), ("watch.ended", 1),
            ("watch.paused", 1), ("watch.resumed", 1), ("watch.said", 1), ("watch.seat_taken", 1), ("watch.seat_left", 1), ("watch.stopped", 1), ("watch.budget_raised", 1),
        ],
        WatchEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_scenarios_keep_their_names() => Assert.Equal([("scenario.version_put", 1), ("scenario.retired", 1)], ScenarioEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_responses_keep_their_names() => Assert.Equal([("response.begun", 1), ("response.said", 1), ("response.ended", 1), ("response.deleted", 1)], ResponseEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_services_keep_their_names() => Assert.Equal([("service.definition_put", 1), ("service.disabled", 1), ("service.retried", 1), ("service.overcharged", 1), ("service.tried", 1), ("service.test_answers_put", 1)], ServiceEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_upstreams_keep_their_names() => Assert.Equal([("upstream.definition_put", 1), ("upstream.deleted", 1), ("upstream.offered", 1), ("upstream.list_failed", 1), ("upstream.refresh_asked", 1), ("upstream.refreshed", 1), ("upstream.tool_approved", 1), ("upstream.tool_published", 1)], UpstreamEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_webhooks_keep_their_names() => Assert.Equal([("webhook.definition_put", 1), ("webhook.deleted", 1), ("webhook.secret_issued", 1), ("webhook.told", 1), ("webhook.disabled", 1), ("webhook.send_asked", 1), ("webhook.sent", 1), ("webhook.replay_begun", 1), ("webhook.replay_ended", 1), ("webhook.rewound", 1), ("webhook.inbox_put", 1), ("webhook.page_waits", 1), ("webhook.page_taken", 1)], WebhookEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_agents_keep_their_names() => Assert.Equal([("agent.agent_put", 1), ("agent.key_issued", 1), ("agent.key_revoked", 1), ("agent.stopped", 1), ("agent.started", 1), ("agent.users_told", 1), ("agent.card_put", 1), ("agent.card_revoked", 1), ("agent.lease_taken", 1), ("agent.seconds_taken", 1), ("agent.peer_blocked", 1), ("agent.peer_unblocked", 1), ("agent.invitations_noted", 1), ("agent.invitations_ended", 1), ("agent.reported", 1), ("agent.report_resolved", 1)], AgentEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_people_keep_their_names() => Assert.Equal(
        [
            ("person.person_put", 1), ("person.code_issued", 1), ("person.password_set", 1), ("person.second_factor_set", 1),
            ("person.second_factor_taken", 1), ("person.second_factor_missed", 1), ("person.signed_out_everywhere", 1), ("person.disabled", 1), ("person.enabled", 1),
        ],
        PersonEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_clocks_keep_their_names() => Assert.Equal([("clock.advanced", 1), ("clock.generation_begun", 1)], ClockEntity.Entity.Events.Names);

    [Fact]
    public void Events_of_conversations_keep_their_names() => Assert.Equal(
        [
            ("conversation.opened", 1), ("conversation.said", 1), ("conversation.invited", 1), ("conversation.blocked", 1), ("conversation.unblocked", 1), ("conversation.joined", 1), ("conversation.subscribed", 1), ("conversation.unsubscribed", 1),
            ("conversation.left", 1), ("conversation.acknowledged", 1), ("conversation.unanswered", 1), ("conversation.message_died", 1), ("conversation.letter_dropped", 1), ("conversation.day_counted", 1),
            ("conversation.closed", 1), ("conversation.erased", 1),
        ],
        ConversationEntity.Entity.Events.Names);

    /// <summary>The shape of the payload too: these bytes were written by the first release.</summary>
    [Fact]
    public void Hold_of_the_first_release_is_still_read()
    {
        var payload = """{"hold_id":"01957a00-0000-7000-8000-000000000001","owner":"default/session/s1","run_id":"01957a00-0000-7000-8000-00000000000a","service_id":"summary","amount_micros":60,"provider":"p1","day":"2026-03-01"}"""u8;
        var read = CampaignEntity.Entity.Events.Decode("campaign.hold_reserved", 1, payload.ToArray(), null);
        Assert.Equal(new CampaignEvent.HoldReserved(new("01957a00-0000-7000-8000-000000000001"), "default/session/s1", new("01957a00-0000-7000-8000-00000000000a"), "summary", 60, "p1", "2026-03-01"), read);
        Assert.Equal(payload.ToArray(), CampaignEntity.Entity.Events.Encode(read).Payload);
    }
}
