using System.Text;
using Agora.JsonSchema.Evaluating;

namespace Agora.JsonSchema.Tests;

/// <summary>Hostile schemas and instances end at a bound with a violation of its own, and never with a hang or a dead process.</summary>
public sealed class LimitTests
{
    [Fact]
    public void A_schema_that_doubles_at_every_reference_is_given_up_with_a_limit_violation()
    {
        string doubling = string.Join(',', Enumerable.Range(0, 60).Select(i => $$"""  "{{i}}":{"allOf":[{"$ref":"#/$defs/{{i + 1}}"},{"$ref":"#/$defs/{{i + 1}}"}]} """));

        AssertGivenUp($$"""{"$ref":"#/$defs/0","$defs":{ {{doubling}}, "60":{} } }""", "1");
    }

    [Theory]
    [InlineData("anyOf")]
    [InlineData("oneOf")]
    public void Alternatives_that_all_fail_at_every_level_are_given_up(string keyword)
    {
        string doubling = string.Join(',', Enumerable.Range(0, 40).Select(i => $$"""  "{{i}}":{"{{keyword}}":[{"$ref":"#/$defs/{{i + 1}}"},{"$ref":"#/$defs/{{i + 1}}"}]} """));

        AssertGivenUp($$"""{"$ref":"#/$defs/0","$defs":{ {{doubling}}, "40":{"type":"null"} } }""", "1");
    }

    [Fact]
    public void Giving_up_below_not_does_not_make_the_instance_valid()
    {
        string doubling = string.Join(',', Enumerable.Range(0, 60).Select(i => $$"""  "{{i}}":{"not":{"not":{"allOf":[{"$ref":"#/$defs/{{i + 1}}"},{"$ref":"#/$defs/{{i + 1}}"}]} } } """));

        AssertGivenUp($$"""{"not":{"$ref":"#/$defs/0"},"$defs":{ {{doubling}}, "60":{} } }""", "1");
    }

    [Fact]
    public void A_reference_loop_that_only_some_instances_reach_is_given_up_at_its_depth()
    {
        var schema = Json.Schema("""{"if":{"type":"null"},"then":{"$ref":"#"}}""");

        Assert.Empty(schema.Check("1"));
        Assert.Equal([Violation.LimitKeyword], schema.Check("null").Select(v => v.Keyword));
    }

    [Fact]
    public void A_dynamic_reference_loop_is_given_up_at_its_depth() =>
        AssertGivenUp("""{"$dynamicAnchor":"a","$dynamicRef":"#a"}""", "1");

    [Fact]
    public void Values_nested_thousands_deep_are_given_up_in_every_keyword_that_walks_them()
    {
        string deep = new string('[', 5_000) + new string(']', 5_000);

        AssertGivenUp("""{"items":{"$ref":"#"}}""", deep);
        AssertGivenUp("""{"uniqueItems":true}""", $"[{deep},{deep}]");
        var constant = Schema.Compile(Json.Value($$"""{"const":{{new string('[', 60) + new string(']', 60)}} }""")).Schema!;
        Assert.Equal(["const"], constant.Check(deep).Select(v => v.Keyword));
    }

    [Fact]
    public void The_deepest_evaluation_fits_a_stack_of_512_KiB()
    {
        var schema = Json.Schema("""{"properties":{"a":{"allOf":[{"anyOf":[{"$ref":"#"}]}]}}}""");
        var value = Json.Value(string.Concat(Enumerable.Repeat("{\"a\":", 1_000)) + "1" + new string('}', 1_000));
        IReadOnlyList<Violation> violations = [];

        var thread = new Thread(() => violations = schema.Validate(value), 512 * 1024);
        thread.Start();
        thread.Join();

        Assert.Equal([Violation.LimitKeyword], violations.Select(v => v.Keyword));
    }

    [Fact]
    public void Unique_items_of_a_large_array_are_checked_within_the_budget()
    {
        var schema = Json.Schema("""{"uniqueItems":true}""");
        string items = string.Join(',', Enumerable.Range(0, 50_000));

        Assert.Empty(schema.Check($"[{items}]"));
        Assert.Equal(["/50000"], schema.Check($"[{items},0]").Select(v => v.Path));
    }

    [Fact]
    public void Contains_over_a_large_array_with_a_costly_schema_is_given_up()
    {
        string branches = string.Join(',', Enumerable.Repeat("""{"not":{"type":"null"}}""", 500));

        AssertGivenUp($$"""{"contains":{"allOf":[{{branches}},false]} }""", $"[{string.Join(',', Enumerable.Repeat("1", 20_000))}]");
    }

    [Fact]
    public void A_pattern_that_backtracks_without_end_is_stopped_and_says_so()
    {
        var schema = Json.Schema("""{"pattern":"^(([a-z])+.)+[A-Z]([a-z])+\\3$"}""");

        var violation = Assert.Single(schema.Check($"\"{new string('a', 50)}\""));

        Assert.Equal("pattern", violation.Keyword);
        Assert.Contains("timed out", violation.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("^🐲*$", "D")]
    [InlineData("^🐲*$", "🐲")]
    [InlineData("^[a-c]+$", "abd")]
    [InlineData("^(?=a)b", "ab")]
    public void A_match_whose_time_is_over_is_neither_a_yes_nor_a_no(string source, string text)
    {
        // A timeout that is over when the match begins, as that of a process that did not run meanwhile.
        var pattern = Patterns.Pattern.Create(source, TimeSpan.FromTicks(1), out string? problem);
        Assert.Null(problem);

        var match = pattern!.Match(Encoding.UTF8.GetBytes(text), new ValidationRun(collects: false, tracksScope: false, SchemaLimits.MaxWork));

        Assert.Equal(Patterns.PatternMatch.TimedOut, match);
    }

    [Fact]
    public void Backtracking_patterns_on_many_members_are_given_up_before_they_add_up()
    {
        var instance = new StringBuilder("{");
        for (int i = 0; i < 1_000; i++)
            instance.Append(i == 0 ? "" : ",").Append($"\"{i}\":\"aaaa\"");

        AssertGivenUp("""{"additionalProperties":{"pattern":"^(?!b)a"}}""", instance.Append('}').ToString());
    }

    [Fact]
    public void A_number_of_a_hundred_thousand_digits_or_exponent_digits_is_just_a_number()
    {
        var schema = Json.Schema("""{"type":"integer","minimum":0,"multipleOf":7,"maximum":1e999999}""");
        string sevens = new('7', 100_000);

        Assert.Empty(schema.Check(sevens));
        Assert.Equal(["multipleOf"], schema.Check(sevens[1..] + "8").Select(v => v.Keyword));
        Assert.Equal(["maximum"], schema.Check("7e" + new string('9', 100_000)).Select(v => v.Keyword));
        Assert.Equal(["type", "multipleOf"], schema.Check("7e-" + new string('9', 100_000)).Select(v => v.Keyword));
    }

    [Fact]
    public void No_more_than_a_hundred_violations_are_reported()
    {
        var schema = Json.Schema("""{"items":{"type":"null"}}""");

        var violations = schema.Check($"[{string.Join(',', Enumerable.Repeat("1", 1_000))}]");

        Assert.Equal(SchemaLimits.MaxViolations, violations.Count);
        Assert.Equal("/99", violations[^1].Path);
    }

    [Fact]
    public void A_member_name_of_100_KB_does_not_swell_the_answer()
    {
        var schema = Json.Schema("""{"additionalProperties":false}""");

        Assert.Equal(258, Assert.Single(schema.Check($$"""{"{{new string('n', 100_000)}}":1}""")).Path.Length);
    }

    private static void AssertGivenUp(string schema, string instance) =>
        Assert.Equal([Violation.LimitKeyword], Json.Schema(schema).Check(instance).Select(v => v.Keyword));
}
