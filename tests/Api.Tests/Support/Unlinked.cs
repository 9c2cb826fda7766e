using System.Text.Json;

namespace Agora.Api.Tests.Support;

/// <summary>What is shown of a thing, whoever shows it: a read of it alone also has links to what hangs on it.</summary>
internal static class Unlinked
{
    public static IReadOnlyList<string> WithoutLinks(this JsonElement thing) =>
        [.. thing.EnumerateObject().Where(member => member.Name != "links").Select(member => $"{member.Name}: {member.Value.GetRawText()}")];
}
