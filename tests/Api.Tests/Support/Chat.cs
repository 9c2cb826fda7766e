using System.Text.Json.Nodes;
using Agora.Application.Operations;

namespace Agora.Api.Tests.Support;

/// <summary>A person who talks with a chat, signed in: requests of /gpt name the session, where others have it in their credential.</summary>
internal sealed record Chat(Client Client, string Key, string Token)
{
    public const string Grant = """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100}}""";

    public static async Task<Chat> SignIn(Client client, string adminKey = RunningApi.AdminKey, string key = RunningApi.GptKey, string user = "user-1")
    {
        await Allow(client, adminKey, user);
        return new(client, key, (await client.Post("/gpt/auth", key, $$"""{"user_id":"{{user}}"}""")).Expect(201).Json.GetProperty("session_token").GetString()!);
    }

    /// <summary>The user is there, as it is or as one of whom nothing is known, and lets the chat act.</summary>
    public static async Task Allow(Client client, string adminKey = RunningApi.AdminKey, string user = "user-1", string grant = Grant)
    {
        if ((await client.Send(HttpMethod.Get, $"/admin/users/{user}", adminKey)).Status == 404)
        {
            (await client.Send(HttpMethod.Put, $"/admin/users/{user}", adminKey, "{}")).Expect(200);
        }

        (await client.Send(HttpMethod.Put, $"/admin/users/{user}/grants/chat", adminKey, grant)).Expect(200);
    }

    public Task<Received> Get(string path) => Client.Get($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}session_token={Token}", Key);

    /// <param name="members">Of the body, besides the session.</param>
    public Task<Received> Post(string path, string members, params (string Name, string Value)[] headers) => Client.Post(path, Key, $$"""{"session_token":"{{Token}}",{{members}}}""", headers);

    /// <summary>As it is asked for of this session; that of any other operation as it is.</summary>
    public string Path(Operation operation, string path) => operation is { Audience.IsPlain: true, IsRead: true } ? $"{path}?session_token={Token}" : path;

    public string? Body(Operation operation)
    {
        if (!operation.Audience.IsPlain || operation.BodyExample is not { } example) return operation.BodyExample;

        var body = JsonNode.Parse(example)!.AsObject();
        if (body.ContainsKey("session_token"))
        {
            body["session_token"] = Token;
        }

        return body.ToJsonString();
    }
}
