using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Refunds.RefundState, Agora.Core.Refunds.RefundEvent>;

namespace Agora.Core.Refunds;

/// <summary>
/// The limits that had bound the payment count less as posted, each in the period in which it had counted the payment, once for ever.
/// A node takes what it is told under an id that is young, and remembers the id until it is released, which it is only when this stream knows for
/// good that it was taken. So whatever is lost or late, an id that a node calls too old was never counted there, and never will be: then, and only then, the
/// node is told under a new one.
/// </summary>
public sealed partial class RefundDecider
{
    private const int FirstTell = 3;

    private static List<NodeToTell> NodesOf(PaymentFacts payment, string tenant, Context context)
    {
        var named = (payment.Nodes ?? $"{Kinds.Session}/{payment.SessionId}").Split(' ').Select(node => node.Split('/', 3));
        var nodes = new List<NodeToTell>();
        foreach (var node in named.GroupBy(parts => new StreamId(tenant, parts[0], parts[1])))
        {
            var accounts = node.Key.Kind == Kinds.User ? string.Join(' ', node.Select(parts => parts[2])) : null;
            nodes.Add(new(context.NewId(FirstTell + nodes.Count), node.Key.ToString(), accounts));
        }

        return nodes;
    }

    private static Step TellNode(RefundState state, Telling telling)
    {
        var (node, id) = (StreamId.Parse(telling.Node.Node), telling.Node.TellId);
        NodeCommand asked = telling.Counted
            ? new NodeCommand.ReleaseRefund(id)
            : new NodeCommand.TakeRefund(id, state.Payment!.RunId, telling.AmountMicros, telling.Node.Accounts);
        return new(
            Phase.AfterCommit,
            new StepTarget.Entity(node, asked),
            outcome => outcome is not StepOutcome.Answered { Answer.Reply: RefundTold told } ? null
                : telling.Counted ? new RefundCommand.NodeReleased(id)
                : new RefundCommand.NodeTold(id, told.Standing),
            id);
    }

    private static Decided NodeTold(RefundState state, RefundCommand.NodeTold c, Context context)
    {
        if (Find(state, c.TellId) is not { Counted: false } telling) return Decided.NoChange;

        return c.Standing switch
        {
            HoldStanding.Held or HoldStanding.Posted => Decided.Did(new RefundEvent.NodeCounted(c.TellId)).Then(TellNode(state, telling with { Counted = true })),
            HoldStanding.Late or HoldStanding.Forgotten => ToldAnew(state, telling, context.NewId(0)),
            _ => Decided.NoChange, // from a clock ahead of the node's: the alarm tells it again
        };
    }

    private static Decided ToldAnew(RefundState state, Telling telling, Guid newId) => Decided.Did(new RefundEvent.NodeToldAnew(telling.Node.TellId, newId))
        .Then(TellNode(state, telling with { Node = telling.Node with { TellId = newId } }));

    private static Telling? Find(RefundState state, Guid tellId) => state.Tellings.FirstOrDefault(t => t.Node.TellId == tellId);
}
