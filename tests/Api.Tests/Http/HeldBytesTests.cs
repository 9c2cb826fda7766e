using Agora.Application.Calls;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Web;

namespace Agora.Api.Tests.Http;

/// <summary>Bytes of all kinds that callers make a process hold are bounded together.</summary>
public sealed class HeldBytesTests
{
    private static readonly Dictionary<string, Func<PlaceOwner, long, IDisposable?>> Kinds = new()
    {
        ["bodies that are read"] = new BodyPlaces().Begin,
        ["requests to models"] = new CallPlaces().Begin,
        ["replies that are not read"] = static (owner, bytes) => UnreadReplies.Begin(owner, (int)bytes),
    };

    public static TheoryData<string> Names => [.. Kinds.Keys];

    /// <summary>Who holds something gets no more than a half of all, and who holds nothing may.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_held_of_each_kind_is_counted_among_all_held_bytes(string kind)
    {
        var owner = new PlaceOwner($"holds {kind}");
        var most = HeldBytes.AtMost(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        using var held = Kinds[kind](owner, 2 * Limits.SmallReplyBytes);
        Assert.NotNull(held);

        using var more = HeldBytes.Places.Take(owner, (most / 2) + 1);

        Assert.Null(more);
    }
}
