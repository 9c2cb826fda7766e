using System.Text.Json;
using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Chats;

/// <summary>What people think of replies is given out as a list, a line each.</summary>
public sealed class FeedbackTests
{
    [Fact]
    public async Task What_people_think_is_a_line_each_with_what_was_said_and_replied_and_what_was_deleted_is_not_there()
    {
        await using var world = await ModelWorld.Start(new() { Reply = new() { Text = "Begin at Kasuga Taisha." } });
        await world.PutModel("m", "openai");
        using var chat = new ChatClient(world, await world.Open());
        var (good, bad, deleted) = (await chat.Say("""{"model":"m","text":"Good?"}"""), await chat.Say("""{"model":"m","text":"Bad?","instructions":"Be short."}"""), await chat.Say("""{"model":"m","text":"Deleted?"}"""));
        await Rate(chat, good, """{"thumb":"up"}""");
        await Rate(chat, bad, """{"thumb":"up"}""");
        await Rate(chat, bad, """{"thumb":"down","text":"Too short.","correction":"At nine."}""");
        await Rate(chat, deleted, """{"thumb":"down"}""");
        await chat.Data(HttpMethod.Delete, $"{ChatClient.Path}/{deleted.Chat}");

        var lines = await Lines(world, "/admin/chats/feedback", RunningApi.AdminKey);
        Assert.Equal(["Bad?", "Good?"], lines.Select(line => line.GetProperty("said").GetString()));
        var line = lines[0];
        Assert.Equal(
            ("down", "Too short.", "At nine.", "Be short.", "Begin at Kasuga Taisha.", "m", bad.Chat, 1),
            (Text(line, "thumb"), Text(line, "text"), Text(line, "correction"), Text(line, "instructions"), Text(line, "replied"), Text(line, "model"), line.GetProperty("chat_id").GetGuid(), line.GetProperty("turn").GetInt32()));
        Assert.Equal(["Good?"], (await Lines(world, "/admin/chats/feedback?thumb=up", RunningApi.AdminKey)).Select(line => Text(line, "said")));
        Assert.Empty(await Lines(world, "/admin/chats/feedback?user_id=nobody", RunningApi.AdminKey));
    }

    [Fact]
    public async Task Another_tenant_s_admin_finds_nothing_of_it()
    {
        await using var world = await ModelWorld.Start(new());
        await world.PutModel("m", "openai");
        using var chat = new ChatClient(world, await world.Open());
        await Rate(chat, await chat.Say("""{"model":"m","text":"Good?"}"""), """{"thumb":"up"}""");
        Assert.Empty(await Lines(world, "/admin/chats/feedback", RunningApi.SecondAdminKey));
        Assert.Single(await Lines(world, "/admin/chats/feedback", RunningApi.AdminKey));
    }

    private static Task<JsonElement> Rate(ChatClient chat, ToldTurn told, string body) => chat.Data(HttpMethod.Post, $"{ChatClient.Path}/{told.Chat}/turns/{told.Turn}/feedback", body);

    private static async Task<IReadOnlyList<JsonElement>> Lines(ModelWorld world, string path, string key)
    {
        using var http = new HttpClient { BaseAddress = world.Api.Client.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Authorization", $"Bearer {key}" }, { "Accept", "application/x-ndjson" } } };
        using var reply = await http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.IsSuccessStatusCode, text);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];
    }

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();
}
