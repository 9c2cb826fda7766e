using Agora.Core.Nodes;

namespace Agora.Core.Tests.Nodes;

public static class Terms
{
    /// <summary>The same Reserve under other terms.</summary>
    public static NodeCommand.Reserve With<T>(this NodeCommand.Reserve asked, Func<T, ReserveTerms> other)
        where T : ReserveTerms => asked with { Terms = other((T)asked.Terms) };
}
