using Agora.Api.Desk;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Desk;

public sealed class UserLinksTests
{
    private static readonly DateTimeOffset Until = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);
    private readonly UserLinks _links = new(new() { TokenKey = new byte[32], OperatorKeys = [], Policy = new(1, 1), NotReady = _ => Task.FromResult<string?>(null) });

    [Fact]
    public void A_link_names_its_user_until_its_last_second_is_over()
    {
        var token = _links.Make(Tenant.Default, "alice", Until)[UserLinks.Path.Length..];

        Assert.Equal((Tenant.Default, "alice", Until), _links.Read(token, Until.AddSeconds(-1)));
        Assert.Null(_links.Read(token, Until));
    }
}
