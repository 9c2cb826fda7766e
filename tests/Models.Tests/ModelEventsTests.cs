namespace Agora.Models.Tests;

public sealed class ModelEventsTests
{
    private static readonly ModelEvent[] All =
    [
        new ModelEvent.Started("resp_1", "m"),
        new ModelEvent.Began(0, new Item.Reasoning([], "", null)),
        new ModelEvent.SummaryAdded(0, "s", 1),
        new ModelEvent.ReasoningAdded(0, "r"),
        new ModelEvent.Sealed(0, new("openai", "x")),
        new ModelEvent.Completed(0),
        new ModelEvent.Began(1, new Item.Message(Role.Assistant, [new Part.Text("t"), new Part.Refusal("n"), new Part.Image("https://a", null, null, "low")]) { Phase = "final_answer" }),
        new ModelEvent.TextAdded(1, "a\u00e9\ud83d\ude00"),
        new ModelEvent.RefusalAdded(1, "no", 1),
        new ModelEvent.Began(2, new Item.ToolCall("c", "f", "", IsCustom: true)),
        new ModelEvent.ArgumentsAdded(2, "{}"),
        new ModelEvent.Began(3, new Item.ToolResult("c", [new Part.Text("r")], IsError: true)),
        new ModelEvent.Counted(new(1, 2, 3, 4, 5, 6, 7, 8)),
        new ModelEvent.Tiered("default"),
        new ModelEvent.Ended(Finish.ToolCalls, "###"),
        new ModelEvent.Failed(new(FaultKind.Overloaded, "busy", "c", "p", 3)),
    ];

    [Fact]
    public void What_is_kept_is_read_as_it_was_said()
    {
        var kept = ModelEvents.Write(All);
        Assert.Equal(kept, ModelEvents.Write(ModelEvents.Read(kept)));
        Assert.Equal(All.Select(said => said.GetType()), ModelEvents.Read(kept).Select(said => said.GetType()));
    }

    [Fact]
    public void Every_kind_of_event_is_among_them() =>
        Assert.Equal(typeof(ModelEvent).GetNestedTypes().Select(type => type.Name).Order(), All.Select(said => said.GetType().Name).Distinct().Order());

    [Theory]
    [InlineData("null")]
    [InlineData("[{\"kind\":\"other\"}]")]
    [InlineData("{")]
    public void What_is_none_is_refused(string json) => Assert.Throws<InvalidDataException>(() => ModelEvents.Read(System.Text.Encoding.UTF8.GetBytes(json)));
}
