using Agora.Api.Desk;
using Agora.Api.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Desk;

public sealed class UserLinksTests
{
    [Fact]
    public async Task A_link_names_its_user_until_its_time_is_over_and_a_repeat_of_its_key_makes_no_other()
    {
        var time = new MovedTime();
        await using var api = await RunningApi.Start(time: time);
        await api.Client.Admin(HttpMethod.Put, "/admin/users/alice", "{}");
        var (first, again) = (await Make(api, "one"), await Make(api, "one"));
        Assert.Equal(first, again);

        var links = api.Services.GetRequiredService<UserLinks>();
        time.Move(TimeSpan.FromSeconds(50));
        Assert.Equal(("alice", 0L), await links.Read(first) is { } read ? (read.UserId, read.Generation) : default);
        time.Move(TimeSpan.FromSeconds(10));
        Assert.Null(await links.Read(first));

        var acts = await api.Client.Admin(HttpMethod.Get, "/admin/acts?target_id=alice&operation=link_user");
        Assert.Equal(1, acts.Data.GetProperty("acts").GetArrayLength());
        Assert.DoesNotContain(first, acts.Data.GetRawText(), StringComparison.Ordinal);
    }

    private static async Task<string> Make(RunningApi api, string key)
    {
        var made = await api.Client.Admin(HttpMethod.Post, "/admin/users/alice/link", """{"expires_in_seconds":60}""", ("Idempotency-Key", key));
        Assert.Equal(200, made.Status);
        return made.Data.GetProperty("link").GetString()![UserLinks.Path.Length..];
    }
}
