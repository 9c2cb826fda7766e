using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Agora.Fuzz.Servers;

namespace Agora.Fuzz;

/// <summary>What is attacked: an address and its keys, and the process behind it where it is ours.</summary>
public sealed class Target(Uri address, string adminKey, string platformKey, string? gptKey = null) : IAsyncDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, MaxConnectionsPerServer = 256 }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };

    public Target(ServerUnderTest server)
        : this(server.Address, ServerUnderTest.AdminKey, ServerUnderTest.PlatformKey, ServerUnderTest.GptKey) => Server = server;

    public Uri Address { get; } = address;

    public string AdminKey { get; } = adminKey;

    public string PlatformKey { get; } = platformKey;

    /// <summary>Of the chat "chat"; null: none is known, and nothing is asked as a chat.</summary>
    public string? GptKey { get; } = gptKey;

    /// <summary>Null: it runs elsewhere, and neither its memory nor its log can be seen from here.</summary>
    public ServerUnderTest? Server { get; }

    /// <summary>Attacks that need thousands of requests make fewer, as <c>./test</c> wants it. What they look for shows with these, too.</summary>
    public bool IsBrief { get; init; }

    /// <summary>One request as a well-behaved client sends it.</summary>
    public async Task<Answered> Send(string method, string path, string? key = null, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _http.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    public Task<Answered> Admin(string method, string path, string? json = null, params (string Name, string Value)[] headers) => Send(method, path, AdminKey, json, headers);

    /// <summary>Of /metrics; null: there is none of that name.</summary>
    public async Task<long?> Metric(string name)
    {
        var line = (await Send("GET", "/metrics")).Text.Split('\n').FirstOrDefault(line => line.StartsWith($"{name} ", StringComparison.Ordinal));
        return line is null ? null : (long)double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>A session that may do everything, of an agent and a user of this name.</summary>
    public async Task<string> OpenSession(string name, string scopes = """{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":["*"],"allowed_peers":["*"],"budget_limit_cents":1000}""")
    {
        var opened = await Send("POST", "/agent/auth", PlatformKey, $$"""{"agent_id":"{{name}}","user_id":"{{name}}","scopes":{{scopes}}}""");
        return opened.Status == 201 ? opened.Json.GetProperty("data").GetProperty("token").GetString()! : throw new InvalidOperationException($"no session: {opened.Status} {opened.Text}");
    }

    /// <summary>A person of this name, signed in to the chat.</summary>
    public async Task<string> SignIn(string name)
    {
        await Admin("PUT", $"/admin/users/{name}", "{}");
        await Admin("PUT", $"/admin/users/{name}/grants/chat", """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":1000}}""");
        var opened = await Send("POST", "/gpt/auth", GptKey, $$"""{"user_id":"{{name}}"}""");
        return opened.Status == 201 ? opened.Json.GetProperty("session_token").GetString()! : throw new InvalidOperationException($"not signed in: {opened.Status} {opened.Text}");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }
    }
}

/// <summary>A reply, as text and as JSON.</summary>
public sealed record Answered(int Status, string Text, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public JsonElement Json => JsonElement.Parse(Text);

    public string? Header(string name) => Headers.TryGetValues(name, out var values) || ContentHeaders.TryGetValues(name, out values) ? string.Join(", ", values) : null;
}
