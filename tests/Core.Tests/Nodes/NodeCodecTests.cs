using System.Text;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Tests.Nodes;

/// <summary>Silos of two releases ask each other: what a node is asked keeps its name and bytes, by the kind of the node.</summary>
public sealed class NodeCodecTests
{
    private static readonly Guid Hold = new("01957a00-0000-7000-8000-000000000001");
    private static readonly Guid Run = new("01957a00-0000-7000-8000-00000000000a");
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private const string Owner = "default/session/s1";

    private static readonly (UnionCodec<NodeCommand> Codec, string Name, NodeCommand Asked, string Bytes)[] All =
    [
        (NodeCodec.OfUser, "user.reserve", new NodeCommand.Reserve(Hold, Owner, Run, 60, new ReserveTerms.OfUser("a1", [new("c1", "Acme", 3, null, null)], Named: false)), """{"hold_id":"01957a00-0000-7000-8000-000000000001","owner":"default/session/s1","run_id":"01957a00-0000-7000-8000-00000000000a","agent_id":"a1","amount_micros":60,"candidates":[{"campaign_id":"c1","sponsor":"Acme","runs_per_completion":3}],"named":false}"""),
        (NodeCodec.OfUser, "user.reserve", new NodeCommand.Reserve(Hold, Owner, Run, 60, new ReserveTerms.OfUser("a1", [], Named: true, ["a0"], OwnFund: true, Approved: true)), """{"hold_id":"01957a00-0000-7000-8000-000000000001","owner":"default/session/s1","run_id":"01957a00-0000-7000-8000-00000000000a","agent_id":"a1","amount_micros":60,"candidates":[],"named":true,"above":["a0"],"own_fund":true,"approved":true}"""),
        (NodeCodec.OfUser, "user.post", new NodeCommand.Post(Hold, 60), """{"hold_id":"01957a00-0000-7000-8000-000000000001","amount_micros":60}"""),
        (NodeCodec.OfUser, "user.void", new NodeCommand.Void(Hold), """{"hold_id":"01957a00-0000-7000-8000-000000000001"}"""),
        (NodeCodec.OfUser, "user.take_refund", new NodeCommand.TakeRefund(Hold, Run, 60, "day:2026-03-01 grant:a1"), """{"tell_id":"01957a00-0000-7000-8000-000000000001","run_id":"01957a00-0000-7000-8000-00000000000a","accounts":"day:2026-03-01 grant:a1","amount_micros":60}"""),
        (NodeCodec.OfUser, "user.release_refund", new NodeCommand.ReleaseRefund(Hold), """{"tell_id":"01957a00-0000-7000-8000-000000000001"}"""),
        (NodeCodec.OfUser, "user.await_room", new NodeCommand.AwaitRoom(60, 5, new ReserveTerms.OfUser("a1", [], Named: false, ["a0"], ServiceId: "gpt", Category: "models")), """{"amount_micros":60,"seconds":5,"agent_id":"a1","above":["a0"],"service_id":"gpt","category":"models"}"""),
        (NodeCodec.OfUser, "user.await_room", new NodeCommand.AwaitRoom(60, 5, new ReserveTerms.OfUser("a1", [], Named: false)), """{"amount_micros":60,"seconds":5,"agent_id":"a1"}"""),
        (NodeCodec.OfUser, "user.inquire_reward", new NodeCommand.InquireReward("c1", Hold), """{"campaign_id":"c1","id":"01957a00-0000-7000-8000-000000000001"}"""),
        (NodeCodec.OfSession, "session.reserve_hold", new NodeCommand.Reserve(Hold, Owner, Run, 60, new ReserveTerms.OfSession("s2")), """{"hold_id":"01957a00-0000-7000-8000-000000000001","owner":"default/session/s1","run_id":"01957a00-0000-7000-8000-00000000000a","branch":"s2","amount_micros":60}"""),
        (NodeCodec.OfSession, "session.post_hold", new NodeCommand.Post(Hold, 60), """{"hold_id":"01957a00-0000-7000-8000-000000000001","amount_micros":60}"""),
        (NodeCodec.OfSession, "session.void_hold", new NodeCommand.Void(Hold), """{"hold_id":"01957a00-0000-7000-8000-000000000001"}"""),
        (NodeCodec.OfSession, "session.inquire", new NodeCommand.Inquire(Run, Hold), """{"run_id":"01957a00-0000-7000-8000-00000000000a","hold_id":"01957a00-0000-7000-8000-000000000001"}"""),
        (NodeCodec.OfSession, "session.take_refund", new NodeCommand.TakeRefund(Hold, Run, 60), """{"tell_id":"01957a00-0000-7000-8000-000000000001","run_id":"01957a00-0000-7000-8000-00000000000a","amount_micros":60}"""),
        (NodeCodec.OfSession, "session.release_refund", new NodeCommand.ReleaseRefund(Hold), """{"tell_id":"01957a00-0000-7000-8000-000000000001"}"""),
        (NodeCodec.OfSession, "session.await_room", new NodeCommand.AwaitRoom(60, 5, new ReserveTerms.OfSession("")), """{"amount_micros":60,"seconds":5}"""),
        (NodeCodec.OfCampaign, "campaign.reserve", new NodeCommand.Reserve(Hold, Owner, Run, 60, new ReserveTerms.OfCampaign("summary", "p1", null)), """{"hold_id":"01957a00-0000-7000-8000-000000000001","owner":"default/session/s1","run_id":"01957a00-0000-7000-8000-00000000000a","service_id":"summary","amount_micros":60,"provider":"p1","fee_basis_points":0}"""),
        (NodeCodec.OfCampaign, "campaign.reserve", new NodeCommand.Reserve(Hold, Owner, Run, 60, new ReserveTerms.OfCampaign("summary", "p1", new("[]"u8.ToArray()), 250, "acme")), """{"hold_id":"01957a00-0000-7000-8000-000000000001","owner":"default/session/s1","run_id":"01957a00-0000-7000-8000-00000000000a","service_id":"summary","amount_micros":60,"provider":"p1","attributes":"W10=","fee_basis_points":250,"service_owner":"acme"}"""),
        (NodeCodec.OfCampaign, "campaign.post", new NodeCommand.Post(Hold, 60), """{"hold_id":"01957a00-0000-7000-8000-000000000001","amount_micros":60}"""),
        (NodeCodec.OfCampaign, "campaign.void", new NodeCommand.Void(Hold), """{"hold_id":"01957a00-0000-7000-8000-000000000001"}"""),
        (NodeCodec.OfCampaign, "campaign.credit", new NodeCommand.Credit(Owner, new(1, 60, "", SentAt: At)), """{"source":"default/session/s1","number":1,"amount_micros":60,"sent_at":"2026-03-01T12:00:00+00:00"}"""),
        (NodeCodec.OfCampaign, "campaign.forget_source", new NodeCommand.ForgetSource(Owner, 1, At), """{"source":"default/session/s1","number":1,"arrived_at":"2026-03-01T12:00:00+00:00"}"""),
        (NodeCodec.OfCampaign, "campaign.pay_now", new NodeCommand.PayNow("p1"), """{"payee":"p1"}"""),
        (NodeCodec.OfWallet, "wallet.reserve", new NodeCommand.Reserve(Hold, Owner, Run, 60, new ReserveTerms.OfWallet("p1")), """{"hold_id":"01957a00-0000-7000-8000-000000000001","owner":"default/session/s1","run_id":"01957a00-0000-7000-8000-00000000000a","amount_micros":60,"provider":"p1","fee_basis_points":0}"""),
        (NodeCodec.OfWallet, "wallet.reserve", new NodeCommand.Reserve(Hold, Owner, Run, 60, new ReserveTerms.OfWallet("p1", 250, "thanks")), """{"hold_id":"01957a00-0000-7000-8000-000000000001","owner":"default/session/s1","run_id":"01957a00-0000-7000-8000-00000000000a","amount_micros":60,"provider":"p1","fee_basis_points":250,"memo":"thanks"}"""),
        (NodeCodec.OfWallet, "wallet.post", new NodeCommand.Post(Hold, 60), """{"hold_id":"01957a00-0000-7000-8000-000000000001","amount_micros":60}"""),
        (NodeCodec.OfWallet, "wallet.void", new NodeCommand.Void(Hold), """{"hold_id":"01957a00-0000-7000-8000-000000000001"}"""),
        (NodeCodec.OfWallet, "wallet.credit", new NodeCommand.Credit(Owner, new(1, 60, "runs", [new(Run, 20, "thanks")], At)), """{"source":"default/session/s1","number":1,"amount_micros":60,"memo":"runs","items":[{"transfer_id":"01957a00-0000-7000-8000-00000000000a","amount_micros":20,"memo":"thanks"}],"sent_at":"2026-03-01T12:00:00+00:00"}"""),
        (NodeCodec.OfWallet, "wallet.credit", new NodeCommand.Credit(Owner, new(1, 60, "runs")), """{"source":"default/session/s1","number":1,"amount_micros":60,"memo":"runs"}"""),
        (NodeCodec.OfWallet, "wallet.forget_source", new NodeCommand.ForgetSource(Owner, 1, At), """{"source":"default/session/s1","number":1,"arrived_at":"2026-03-01T12:00:00+00:00"}"""),
        (NodeCodec.OfWallet, "wallet.pay_now", new NodeCommand.PayNow("p1"), """{"payee":"p1"}"""),
        (NodeCodec.OfPayment, "refund.inquire", new NodeCommand.Inquire(Run, Hold), """{"refund_id":"01957a00-0000-7000-8000-00000000000a","hold_id":"01957a00-0000-7000-8000-000000000001"}"""),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, All.Length)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void What_a_node_is_asked_keeps_its_name_and_bytes(int row)
    {
        var (codec, name, asked, bytes) = All[row];
        var coded = codec.Encode(asked);
        Assert.Equal((name, 1, bytes), (coded.Name, coded.Version, Encoding.UTF8.GetString(coded.Payload)));
        Assert.Equal(bytes, Encoding.UTF8.GetString(codec.Encode(codec.Decode(name, 1, coded.Payload, null)).Payload));
    }

    [Fact]
    public void Every_name_has_a_row() => Assert.Equal(
        new[] { NodeCodec.OfUser, NodeCodec.OfSession, NodeCodec.OfCampaign, NodeCodec.OfWallet, NodeCodec.OfPayment }.SelectMany(c => c.Names).Select(n => n.Name).Order(), All.Select(r => r.Name).Distinct().Order());
}
