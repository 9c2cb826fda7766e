using System.Net;
using System.Text;
using System.Text.Json;

namespace Agora.Operator.Tests;

/// <summary>A server as it is started refuses an upstream that it would never call.</summary>
public sealed class UpstreamTests
{
    [Fact]
    public async Task A_command_that_the_settings_do_not_allow_to_the_tenant_is_refused_when_it_is_put()
    {
        await using var world = new ConsoleWorld { Settings = [new("AGORA_MCP_COMMANDS", """{"notes":{"run":["/bin/false"]},"shop-notes":{"run":["/bin/false"],"tenants":["shop"]}}""")] };
        await world.InitializeAsync();

        foreach (var command in (string[])["bash", "shop-notes"])
        {
            using var refused = await Put(world, command);
            var error = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
            Assert.Equal(
                (HttpStatusCode.UnprocessableEntity, $"No command '{command}' is allowed here: AGORA_MCP_COMMANDS has to name it, for tenant default."),
                (refused.StatusCode, error.GetProperty("details")[0].GetProperty("message").GetString()));
        }

        foreach (var key in (string[])[ConsoleWorld.Admin, ConsoleWorld.OfTests])
        {
            using var taken = await Put(world, "notes", key);
            Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        }
    }

    private static async Task<HttpResponseMessage> Put(ConsoleWorld world, string command, string key = ConsoleWorld.Admin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/admin/upstreams/notes")
        {
            Headers = { { "Authorization", $"Bearer {key}" } },
            Content = new StringContent($$"""{"command":"{{command}}","category":"notes","price_cents":5,"provider":"p"}""", Encoding.UTF8, "application/json"),
        };
        return await world.Http.SendAsync(request);
    }
}
