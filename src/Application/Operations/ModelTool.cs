
namespace Agora.Application.Operations;

/// <summary>How an operation is offered to models as a tool. What it is given, what it answers and what it may do follow from the operation.</summary>
/// <param name="Name">By which a model calls it.</param>
/// <param name="IsDestructive">It spends money, or takes something back.</param>
/// <param name="ReachesOut">Somebody outside is called.</param>
internal sealed record ModelTool(string Name, bool IsDestructive = false, bool ReachesOut = false);
