using System.Globalization;
using Agora.Api.Desk;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;
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

    [Fact]
    public async Task A_link_is_of_one_tenants_user_and_whoever_ends_those_of_its_namesake_ends_none_of_it()
    {
        await using var api = await RunningApi.Start();
        foreach (var key in new[] { RunningApi.AdminKey, RunningApi.SecondAdminKey }) (await api.Client.Send(HttpMethod.Put, "/admin/users/alice", key, "{}")).Expect(200);
        var (first, second) = (await Make(api, "one"), await Make(api, "one", RunningApi.SecondAdminKey));
        var links = api.Services.GetRequiredService<UserLinks>();
        Assert.Null(await links.Read(first.Replace("alice", "second~alice", StringComparison.Ordinal)));
        Assert.Null(await links.Read(second.Replace("second~", "", StringComparison.Ordinal)));

        (await api.Client.Send(HttpMethod.Delete, "/admin/users/alice/link", RunningApi.SecondAdminKey)).Expect(200);

        Assert.Equal(Tenant.Default, (await links.Read(first))?.Tenant);
        Assert.Null(await links.Read(second));
    }

    [Fact]
    public async Task A_link_that_is_given_more_time_opens_nothing()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Admin(HttpMethod.Put, "/admin/users/alice", "{}");
        var parts = (await Make(api, "one")).Split('.');
        parts[2] = (long.Parse(parts[2], CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);

        Assert.Null(await api.Services.GetRequiredService<UserLinks>().Read(string.Join('.', parts)));
    }

    [Theory]
    [InlineData(RunningApi.AdminKey)]
    [InlineData(RunningApi.TestAdminKey)]
    public async Task Whoever_came_by_a_link_is_signed_out_when_its_time_is_over_by_its_tenants_clock(string admin)
    {
        var time = new MovedTime();
        await using var api = await RunningApi.Start(time: time);
        await api.Client.Send(HttpMethod.Put, "/admin/users/alice", admin, "{}");
        if (admin == RunningApi.TestAdminKey)
        {
            (await api.Client.Post("/test/clock", admin, """{"advance_seconds":86400}""")).Expect(200);
        }

        var link = await Make(api, "one", admin);
        var signIns = api.Services.GetRequiredService<DeskSignIns>();
        var http = new DefaultHttpContext();
        http.Request.Headers.Cookie = $"{DeskSignIns.Cookie}={await signIns.Enter(link)}";
        time.Move(TimeSpan.FromSeconds(50));
        Assert.Equal("user/alice", (await signIns.Read(http.Request))?.Name);
        time.Move(TimeSpan.FromSeconds(11));

        Assert.Null(await signIns.Read(http.Request));
        Assert.Null(await signIns.Enter(link));
    }

    private static async Task<string> Make(RunningApi api, string key, string admin = RunningApi.AdminKey)
    {
        var made = await api.Client.Post("/admin/users/alice/link", admin, """{"expires_in_seconds":60}""", ("Idempotency-Key", key));
        Assert.Equal(200, made.Status);
        return made.Data.GetProperty("link").GetString()![UserLinks.Path.Length..];
    }
}
