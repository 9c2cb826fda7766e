using Agora.Core.Kernel;

namespace Agora.Core.Access;

/// <summary>What operators' requests leave in query tables, whichever entity decided them. Why and from where stays in the journal.</summary>
public static class ActTables
{
    /// <summary>A row is owned by the stream that decided; the act's id is its command's.</summary>
    public static readonly Table Acts = new("acts", 2, "tenant", "act_id", "actor", "operation", "target_id", "part_id", "at");
}
