using System.Text.Json;
using Agora.JsonSchema;
using Xunit.Abstractions;

namespace Agora.Conformance;

/// <summary>
/// The validator against the official JSON-Schema-Test-Suite, draft 2020-12. Required tests run with `format` as an
/// annotation, as its own format.json wants; the formats that the product asserts run their optional tests asserted.
/// </summary>
public sealed class JsonSchemaSuiteTests(ITestOutputHelper output)
{
    private static readonly string[] Optional =
    [
        "optional/format/date-time.json", "optional/format/date.json", "optional/format/time.json", "optional/format/email.json",
        "optional/format/uri.json", "optional/format/uuid.json", "optional/format/ipv4.json", "optional/format/ipv6.json",
        "optional/format/regex.json", "optional/format/ecmascript-regex.json", "optional/format/unknown.json",
        "optional/format-assertion.json", "optional/ecmascript-regex.json", "optional/non-bmp-regex.json", "optional/bignum.json",
        "optional/float-overflow.json", "optional/no-schema.json", "optional/id.json", "optional/anchor.json",
        "optional/dynamicRef.json", "optional/refOfUnknownKeyword.json", "optional/unknownKeyword.json",
    ];

    public static TheoryData<string, int, string> RequiredRows => SchemaSuite.Rows(SchemaSuite.RequiredFiles());

    public static TheoryData<string, int, string> OptionalRows => SchemaSuite.Rows(Optional);

    [SchemaSuiteTheory]
    [MemberData(nameof(RequiredRows))]
    public void Required_test_gets_the_answer_of_the_suite(string file, int number, string name) =>
        Check(file, number, name, assertFormats: false);

    [SchemaSuiteTheory]
    [MemberData(nameof(OptionalRows))]
    public void Optional_test_of_what_the_product_asserts_gets_the_answer_of_the_suite(string file, int number, string name) =>
        Check(file, number, name, assertFormats: true);

    [SchemaSuiteFact]
    public void Every_required_file_is_run_and_none_is_lost()
    {
        int inData = 0;
        foreach (string path in Directory.GetFiles(Path.Combine(SchemaSuite.Root!, "tests", "draft2020-12"), "*.json"))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            inData += document.RootElement.EnumerateArray().Sum(group => group.GetProperty("tests").GetArrayLength());
        }
        int run = RequiredRows.Count;
        output.WriteLine($"JSON-Schema-Test-Suite, draft 2020-12: {run} required tests, {OptionalRows.Count} optional ones");
        Assert.Equal(inData, run);
        Assert.True(run > 1_000, $"only {run} required tests were found");
    }

    private static void Check(string file, int number, string name, bool assertFormats)
    {
        var test = SchemaSuite.Cases(file)[number];
        Assert.Equal(name, test.Name);
        var options = new SchemaOptions
        {
            AssertFormats = assertFormats,
            Resolve = static uri => SchemaSuite.Remotes.TryGetValue(uri, out var remote) ? remote : null,
        };

        var compiled = Schema.Compile(test.Schema, options);

        Assert.True(compiled.Succeeded, string.Join("; ", compiled.Errors));
        var violations = compiled.Schema.Validate(test.Instance);
        Assert.True(test.Valid == (violations.Count == 0), $"{name} should be {(test.Valid ? "valid" : "invalid")}: {string.Join("; ", violations)}");
        Assert.Equal(test.Valid, compiled.Schema.IsValid(test.Instance));
        Assert.All(violations, v => Assert.NotEmpty(v.Message));
    }
}
