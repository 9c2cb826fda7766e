namespace Agora.Models.Tests;

public sealed class ReplyBuilderTests
{
    [Fact]
    public void Events_of_two_open_items_make_one_reply_in_order()
    {
        var builder = new ReplyBuilder();
        foreach (var said in new ModelEvent[]
        {
            new ModelEvent.Started("resp_1", "m-1"),
            new ModelEvent.Began(0, new Item.Message(Role.Assistant, [])),
            new ModelEvent.Began(1, new Item.ToolCall("call_1", "look", "")),
            new ModelEvent.TextAdded(0, "a"),
            new ModelEvent.ArgumentsAdded(1, "{\"x\":"),
            new ModelEvent.TextAdded(0, "b"),
            new ModelEvent.ArgumentsAdded(1, "1}"),
            new ModelEvent.Counted(new(Input: 3, Output: 4)),
            new ModelEvent.Counted(new(Input: 3, Output: 9)),
            new ModelEvent.Ended(Finish.ToolCalls),
        })
        {
            builder.Add(said);
        }

        var reply = builder.Reply();
        Assert.Equal("ab", Assert.IsType<Part.Text>(Assert.Single(Assert.IsType<Item.Message>(reply.Output[0]).Parts)).Value);
        Assert.Equal("{\"x\":1}", Assert.IsType<Item.ToolCall>(reply.Output[1]).Arguments);
        Assert.Equal(new Usage(Input: 3, Output: 9), reply.Usage);
        Assert.Equal(Finish.ToolCalls, reply.Finish);
        Assert.True(builder.IsVisible);
    }

    [Fact]
    public void An_item_that_was_not_begun_is_refused() =>
        Assert.Throws<InvalidDataException>(() => new ReplyBuilder().Add(new ModelEvent.TextAdded(0, "a")));
}
