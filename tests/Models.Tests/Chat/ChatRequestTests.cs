namespace Agora.Models.Tests.Chat;

public sealed class ChatRequestTests
{
    [Fact]
    public void A_request_with_every_member_is_read_whole()
    {
        var request = ChatSamples.Read(ChatSamples.Full);

        Assert.Equal(("gpt-x", 500, true, true), (request.Model, request.MaxOutputTokens, request.Stream, request.IncludeUsage));
        Assert.Equal((0.5, 0.9, -1d, 1.5, -7L), (request.Temperature, request.TopP, request.PresencePenalty, request.FrequencyPenalty, request.Seed));
        Assert.Equal(("high", "flex", "k", false), (request.Verbosity, request.ServiceTier, request.PromptCacheKey, request.ParallelToolCalls));
        Assert.Equal(["END"], request.Stop);
        Assert.Equal(new ReasoningOptions("low"), request.Reasoning);
        Assert.Equal(new ToolChoice.Named("look"), request.ToolChoice);
        Assert.Equal(new OutputFormat.ByJsonSchema("answer", """{"type":"object"}""", true, "d"), request.Format);
        Assert.Equal(
            [
                new Tool("look", "Looks.", """{"type":"object","properties":{"x":{"type":"integer"}}}""", true),
                new Tool("calc", null, """{"type":"grammar","syntax":"lark","definition":"start: /.+/"}""", null, IsCustom: true),
            ],
            request.Tools);
    }

    [Fact]
    public void Messages_are_read_as_items_in_order()
    {
        var items = ChatSamples.Read(ChatSamples.Full).Items;

        Assert.Equal(9, items.Count);
        Assert.Equal([Role.Developer, Role.System, Role.User], items.Take(3).Cast<Item.Message>().Select(message => message.Role));
        Assert.Equal(
            [
                new Part.Text("What 😀 is it?"),
                new Part.Image("https://example.org/a.png", null, null, "low"),
                new Part.Image(null, "image/png", "iVBORw0KGgo=", null),
            ],
            ((Item.Message)items[2]).Parts);
        Assert.Equal("hm", Assert.IsType<Item.Reasoning>(items[3]).Text);
        Assert.Equal(Role.Assistant, Assert.IsType<Item.Message>(items[4]).Role);
        Assert.Equal(new Item.ToolCall("c1", "look", """{"x":1}"""), items[5]);
        Assert.Equal(new Item.ToolCall("c2", "calc", "1+1", IsCustom: true), items[6]);
        Assert.Equal(("c1", false), (((Item.ToolResult)items[7]).CallId, ((Item.ToolResult)items[7]).IsCustom));
        Assert.Equal(("c2", true), (((Item.ToolResult)items[8]).CallId, ((Item.ToolResult)items[8]).IsCustom));
    }

    [Theory]
    [InlineData("\"max_tokens\":5,\"max_completion_tokens\":null")]
    [InlineData("\"temperature\":null,\"top_p\":null,\"seed\":null,\"stop\":null,\"tools\":null,\"tool_choice\":null,\"response_format\":null")]
    [InlineData("\"stream\":null,\"stream_options\":null,\"service_tier\":null,\"store\":null,\"n\":null,\"modalities\":null,\"metadata\":null")]
    [InlineData("\"audio\":null,\"prediction\":null,\"functions\":null,\"function_call\":null,\"web_search_options\":null,\"moderation\":null")]
    [InlineData("\"tools\":[],\"tool_choice\":\"auto\"")]
    [InlineData("\"tool_choice\":\"none\"")]
    [InlineData("\"temperature\":2,\"top_p\":1,\"top_k\":40")]
    [InlineData("\"response_format\":{\"type\":\"text\"}")]
    public void What_says_nothing_more_is_taken(string member) => Assert.Equal("m", ChatSamples.Read(ChatSamples.With(member)).Model);

    [Fact]
    public void One_stop_text_is_read_as_a_list_of_one() => Assert.Equal(["x"], ChatSamples.Read(ChatSamples.With("\"stop\":\"x\"")).Stop);

    [Fact]
    public void Json_mode_is_read_as_any_json() => Assert.Equal(OutputFormat.Json, ChatSamples.Read(ChatSamples.With("\"response_format\":{\"type\":\"json_object\"}")).Format);

    [Fact]
    public void Effort_none_is_read_as_reasoning_that_is_off() => Assert.Equal(new ReasoningOptions("none", IsOff: true), ChatSamples.Read(ChatSamples.With("\"reasoning_effort\":\"none\"")).Reasoning);

    [Fact]
    public void A_data_url_with_escaped_slashes_is_read_the_same()
    {
        var items = ChatSamples.Read(ChatSamples.Saying("""{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image\/png;base64,iV\/ORw0KGgo="}}]}""")).Items;

        Assert.Equal([new Part.Image(null, "image/png", "iV/ORw0KGgo=", null)], Assert.IsType<Item.Message>(items[0]).Parts);
    }

    [Fact]
    public void An_empty_text_beside_tool_calls_is_left_out()
    {
        var items = ChatSamples.Read(ChatSamples.Saying("""{"role":"assistant","content":"","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":""}}]}""")).Items;

        Assert.Equal([new Item.ToolCall("c", "f", "")], items);
    }

    [Fact]
    public void What_an_SDK_read_in_a_reply_and_sends_back_with_it_is_left_out()
    {
        const string message = """{"role":"assistant","name":"model","content":"1","parsed":{"a":1},"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}","parsed_arguments":{}}}]}""";

        Assert.Equal(new Item.ToolCall("c", "f", "{}"), ChatSamples.Read(ChatSamples.Saying(message)).Items[1]);
    }

    [Fact]
    public void A_refusal_that_is_sent_back_is_a_part_of_its_message()
    {
        var items = ChatSamples.Read(ChatSamples.Saying("""{"role":"assistant","content":null,"refusal":"no"}""")).Items;

        Assert.Equal([new Part.Refusal("no")], Assert.IsType<Item.Message>(items[0]).Parts);
    }
}
