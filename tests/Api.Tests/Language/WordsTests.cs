using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Conversations;
using Agora.Api.Flow;
using Agora.Api.Tests.Support;
using Agora.Application.Conversations;
using Agora.Application.Flow;
using Agora.Application.Language;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Access;
using Agora.Core.Agents;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.JsonSchema;
using Agora.Streams;
using Agora.Web;
using Agora.Web.Lists;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Language;

/// <summary>What is said is said in Japanese to who asks for it; names, ids and values stay.</summary>
public sealed class WordsTests
{
    [Fact]
    public void Every_code_has_its_Japanese() => Assert.All(Refusals.AllCodes, code => Assert.True(Words.Japanese.HasCode(code), code));

    [Fact]
    public async Task Every_description_that_is_offered_has_its_Japanese()
    {
        await using var api = await RunningApi.Start();
        var operations = api.Services.GetRequiredService<OperationTable>();
        var offered = typeof(Actions).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(p => p.GetValue(null)).OfType<NextAction>()
            .Append(Actions.FindServicesUpTo(1)).Append(NextAction.Start).Append(SignedActions.Authenticate).Select(action => action.Description).OfType<string>()
            .Concat(Literals(typeof(OperationNames)).Where(name => name != OperationNames.FindAgents).Select(name => operations.Named(name)!.Advice)) // offered as a list only.Concat(Literals(typeof(SignedActions)))
            .Concat(Literals(typeof(Corrections.Says))).Concat(Literals(typeof(EmptyBecause))).Concat(Literals(typeof(OperatorActs))).ToList();

        Assert.True(offered.Count > 25, $"{offered.Count}");
        Assert.All(offered, text => Assert.True(Words.Japanese.Find(text) is { } own && own.Any(c => c > 0x3000), text));
    }

    [Fact]
    public void Every_reason_of_a_list_has_its_Japanese()
    {
        var reasons = Literals(typeof(ListReasons)).Concat(Literals(typeof(ListPage))).Concat(Literals(typeof(Total)))
            .Concat(typeof(ListReasons).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Select(Filled)).ToList();

        Assert.True(reasons.Count > 25, $"{reasons.Count}");
        Assert.All(reasons, text => Assert.True(Words.Japanese.Find(text) is { } own && own.Any(c => c > 0x3000), text));

        static string Filled(MethodInfo reason) => (string)reason.Invoke(null, [.. reason.GetParameters().Select(p => p.ParameterType == typeof(long) ? (object)7L : "x")])!;
    }

    [Fact]
    public void Every_page_of_a_code_has_its_Japanese()
    {
        foreach (var page in ErrorPages.All)
        {
            Assert.NotNull(Words.Japanese.Find(page.Title));
            var parts = page.In(Words.Japanese).Text.Split("\n\n");
            Assert.Equal($"# {page.Code}", parts[0]);
            Assert.Equal($"**{Words.Japanese.Of(page.Title)}** ステータス {Codes.StatusOf(page.Code)}、retry は `{Codes.RetryOf(page.Code).Name()}`。", parts[1]);
            Assert.StartsWith("原因: ", parts[2], StringComparison.Ordinal);
            Assert.StartsWith("対処: ", parts[3], StringComparison.Ordinal);
            var (english, own) = ((JsonObject)page.Example()["error"]!, (JsonObject)page.In(Words.Japanese).Example()["error"]!);
            Assert.True(((string)own["message"]!).Any(c => c > 0x3000), page.Code);
            Assert.True(own["next_actions"]!.AsArray().All(action => ((string)action!["description"]!).Any(c => c > 0x3000)), page.Code);
            Assert.All(own["details"] as JsonArray ?? [], detail => Assert.True(((string)detail!["message"]!).Any(c => c > 0x3000), page.Code));
            Assert.Equal((english.Count, (string)english["retry"]!), (own.Count, (string)own["retry"]!));
        }
    }

    [Fact]
    public void Every_standing_refusal_of_an_agent_that_is_no_matter_of_timing_has_its_own_sentence()
    {
        Type[] rejections = [typeof(AccessRejection), typeof(RunRejection), typeof(SessionRejection), typeof(UserRejection)];
        string[] passing = [Codes.Unavailable, Codes.ValidationFailed, Codes.IdempotencyInFlight];
        string[] operators = ["NotFound", "NoSuchGrant", "NoApproval", "NobodyActs", "OutputCannotBeKept", "TooManyDelegations", "TooManyDelegationsOfAgent", "BranchEnded"];
        var standing = rejections.SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static)).Where(f => !operators.Contains(f.Name))
            .Select(f => f.GetValue(null)).OfType<Rejection>().Where(r => !passing.Contains(r.Code)).ToList();

        Assert.True(standing.Count > 20, $"{standing.Count}");
        Assert.All(standing.Where(r => r.Code is not (Codes.RunCancelled or Codes.RunDecided)), r => Assert.True(Words.Japanese.Find(r.Message) is not null, r.Message));
    }

    /// <summary>Of conversations, their streams, the registry of agents, and memories.</summary>
    [Fact]
    public void Every_refusal_of_what_agents_do_among_each_other_has_its_own_sentence()
    {
        const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly;
        string[] keys = ["ExpiryPast", "TooManyKeys", "StillTelling", "NoSuchKey", "NoReport", "NoOpenReport"]; // an operator's
        var folders = new[] { typeof(ConversationEndpoints), typeof(PeerConversations), typeof(StreamEndpoints) }.SelectMany(static one => one.Assembly.GetTypes()).Where(static type => type.Namespace is "Agora.Application.Catalogue" or "Agora.Application.Conversations" or "Agora.Api.Conversations" or "Agora.Application.Memories" or "Agora.Streams" or "Agora.Api.Peers");
        var messages = folders.SelectMany(type => type.GetFields(Any)).Where(field => field.FieldType == typeof(Rejection)).Select(field => (Rejection)field.GetValue(null)!)
            .Concat(Of(typeof(ConversationRejection))).Concat(Of(typeof(AgentRejection))).Concat(Of(typeof(MemoryRejection))).SelectMany(refused => (refused.Details ?? []).Select(detail => detail.Message).Prepend(refused.Message)).ToList();

        Assert.True(messages.Count > 70, $"{messages.Count}");
        Assert.All(messages, text => Assert.True(Words.Japanese.Find(text) is { } own && own.Any(c => c > 0x3000), text));

        IEnumerable<Rejection> Of(Type type) => type.GetProperties(Any).Where(property => !keys.Contains(property.Name)).Select(property => (Rejection)property.GetValue(null)!)
            .Concat(type.GetMethods(Any).Where(method => !method.IsSpecialName && method.ReturnType == typeof(Rejection) && method.Name is not ("Invalid" or "Untimely")).Select(Filled));

        static Rejection Filled(MethodInfo method) => (Rejection)method.Invoke(null, [.. method.GetParameters().Select(p => p.ParameterType == typeof(string) ? "x" : Convert.ChangeType(7, p.ParameterType, null))])!;
    }

    [Theory]
    [InlineData("POST", "/conversations", """{"participants":["a"]}""")]
    [InlineData("POST", "/conversations/{id}/messages", """{"content":1,"more":true}""")]
    [InlineData("POST", "/conversations/{id}/messages", """{"content":1,"on_behalf_of":{"conversation_id":"x","message_id":"y"}}""")]
    [InlineData("GET", "/conversations/{id}/messages?after=nowhere", null)]
    [InlineData("GET", "/agent/inbox?after=nowhere", null)]
    [InlineData("POST", "/agent/reports", """{"agent_id":"b","reason":"spam","number":1}""")]
    [InlineData("PUT", "/agents/a", """{"card":"none"}""")]
    [InlineData("GET", "/streams/{id}?offset=9999999999999999", null)]
    public async Task What_is_wrong_with_a_request_among_agents_is_said_in_Japanese(string method, string path, string? body)
    {
        await using var talk = await Conversations.Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"]);

        var refused = await talk.Api.Client.Send(new(method), path.Replace("{id}", id, StringComparison.Ordinal), talk.Key("a"), body, ("Accept-Language", "ja"));

        Assert.InRange(refused.Status, 400, 422);
        Assert.All(refused.Error.GetProperty("details").EnumerateArray(), detail => Assert.Contains(detail.GetProperty("message").GetString()!, c => c > 0x3000));
    }

    [Fact]
    public void Values_keep_their_places()
    {
        var over = Words.Japanese.Of(RunRejection.OverBudget("s", 250_000, 123_400));

        Assert.Equal("実行には 25 セントかかり、セッションの予算は残り 12.34 セントです。", over);
        Assert.Equal("1 分間のリクエストが 30 件を超えました。7 秒待ってください。", Words.Japanese.Of(SessionRejection.RateLimited(30, 7)));
        Assert.Equal("有効なサービス 'a.*(b)' はありません。", Words.Japanese.Of(RunRejection.ServiceNotFound("a.*(b)")));
        Assert.Equal("有効なサービス 'number' はありません。", Words.Japanese.Of(RunRejection.ServiceNotFound("number")));
        Assert.Equal("利用者 object はいません。GET /admin/users が、いる利用者を一覧します。", Words.Japanese.Of(ListReasons.NoUser("object")));
    }

    [Theory]
    [InlineData("""{"type":"string"}""", "1", "文字列 を指定してください。渡されたのは 数値 です。")]
    [InlineData("""{"type":["integer","null"]}""", "1.5", "null、整数 を指定してください。渡されたのは 小数のある数値 です。")]
    [InlineData("""{"const":"a"}""", "1", "\"a\" でなければなりません。")]
    [InlineData("""{"enum":["a","b"]}""", "1", "次のいずれかでなければなりません: \"a\", \"b\"。")]
    [InlineData("""{"multipleOf":2}""", "1", "2 の倍数でなければなりません。")]
    [InlineData("""{"minimum":2}""", "1", "2 以上でなければなりません。")]
    [InlineData("""{"maximum":2}""", "3", "2 以下でなければなりません。")]
    [InlineData("""{"exclusiveMinimum":2}""", "2", "2 より大きくなければなりません。")]
    [InlineData("""{"exclusiveMaximum":2}""", "2", "2 より小さくなければなりません。")]
    [InlineData("""{"format":"date"}""", "\"a\"", null)]
    [InlineData("""{"pattern":"^b$"}""", "\"a\"", "パターン \"^b$\" に合う必要があります。")]
    [InlineData("""{"minLength":2}""", "\"a\"", "2 文字以上必要ですが、1 文字です。")]
    [InlineData("""{"minLength":1}""", "\"\"", "1 文字以上必要ですが、0 文字です。")]
    [InlineData("""{"maxLength":1}""", "\"ab\"", "最大 1 文字ですが、2 文字あります。")]
    [InlineData("""{"maxLength":2}""", "\"abc\"", "最大 2 文字ですが、3 文字あります。")]
    [InlineData("""{"minProperties":1}""", "{}", "メンバーが 1 個以上必要ですが、0 個です。")]
    [InlineData("""{"minProperties":2}""", "{}", "メンバーが 2 個以上必要ですが、0 個です。")]
    [InlineData("""{"maxProperties":1}""", """{"a":1,"b":2}""", "メンバーは最大 1 個ですが、2 個あります。")]
    [InlineData("""{"maxProperties":0}""", """{"a":1}""", "メンバーは最大 0 個ですが、1 個あります。")]
    [InlineData("""{"minItems":1}""", "[]", "要素が 1 個以上必要ですが、0 個です。")]
    [InlineData("""{"minItems":2}""", "[1]", "要素が 2 個以上必要ですが、1 個です。")]
    [InlineData("""{"maxItems":1}""", "[1,2]", "要素は最大 1 個ですが、2 個あります。")]
    [InlineData("""{"maxItems":0}""", "[1]", "要素は最大 0 個ですが、1 個あります。")]
    [InlineData("""{"contains":{"const":1}}""", "[2]", null)]
    [InlineData("""{"contains":{"const":1},"minContains":2}""", "[1]", null)]
    [InlineData("""{"contains":{"const":1},"maxContains":1}""", "[1,1]", null)]
    [InlineData("""{"contains":{"const":1},"maxContains":2}""", "[1,1,1]", null)]
    [InlineData("""{"uniqueItems":true}""", "[1,1]", "配列の 0 番の要素と同じです。要素は互いに異なる必要があります。")]
    [InlineData("""{"required":["a"]}""", "{}", "メンバー \"a\" がありません。加えてください。")]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", """{"a":1}""", "メンバー \"b\" がありません。\"a\" があるため必要です。")]
    [InlineData("""{"propertyNames":{"maxLength":1}}""", """{"ab":1}""", "このメンバーの名前は使えません。最大 1 文字ですが、2 文字あります。")]
    [InlineData("""{"additionalProperties":false}""", """{"a":1}""", "スキーマにないメンバーです。取り除くか、名前を直してください。")]
    [InlineData("""{"unevaluatedProperties":false}""", """{"a":1}""", "スキーマにないメンバーです。取り除くか、名前を直してください。")]
    [InlineData("""{"items":false}""", "[1]", "スキーマはこの位置に要素を認めません。取り除いてください。")]
    [InlineData("false", "1", "スキーマはここに値を認めません。取り除いてください。")]
    [InlineData("""{"not":{}}""", "1", null)]
    [InlineData("""{"oneOf":[{},{}]}""", "1", null)]
    [InlineData("""{"anyOf":[{"type":"null"}]}""", "1", null)]
    [InlineData("""{"anyOf":[{"type":"null"},{"const":2}]}""", "1", null)]
    public void What_a_schema_refuses_is_said_in_Japanese(string schema, string value, string? said)
    {
        var violations = Schema.Compile(Encoding.UTF8.GetBytes(schema)).Schema!.Validate(JsonElement.Parse(value));

        Assert.NotEmpty(violations);
        Assert.All(violations, violation => Assert.True(Words.Japanese.Find(violation.Message) is { } own && own.Any(c => c > 0x3000), violation.Message));
        Assert.True(said is null || Words.Japanese.Of(violations[0].Message) == said, Words.Japanese.Of(violations[0].Message));
    }

    [Theory]
    [InlineData("""{"type":"strin"}""")]
    [InlineData("""{"properties":{"a":{"minLength":-1}}}""")]
    [InlineData("""{"items":[{}]}""")]
    [InlineData("""{"required":["a","a"]}""")]
    [InlineData("""{"multipleOf":0}""")]
    [InlineData("""{"allOf":[]}""")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{""")]
    [InlineData("""5""")]
    [InlineData("""{"$ref":"#/$defs/none"}""")]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-04/schema#"}""")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","dependencies":{"a":["b"]}}""")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","contains":{},"minContains":2}""")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/$defs/a","minLength":2,"$defs":{"a":{}}}""")]
    [InlineData("""{"$defs":{"a":{"$id":"x:a"},"b":{"$id":"x:a"}}}""")]
    [InlineData("""{"$defs":{"a":{"$anchor":"a"},"b":{"$anchor":"a"}}}""")]
    [InlineData("""{"$id":"\ud800"}""")]
    [InlineData("""{"pattern":"(b"}""")]
    [InlineData("""{"pattern":"b)"}""")]
    [InlineData("""{"pattern":"[z-a]"}""")]
    [InlineData("""{"pattern":"[a"}""")]
    [InlineData("""{"pattern":"[a-\\d]"}""")]
    [InlineData("""{"pattern":"\\p{Script=Greek}"}""")]
    [InlineData("""{"pattern":"a{70000}"}""")]
    [InlineData("""{"pattern":"a{3,2}"}""")]
    [InlineData("""{"pattern":"(?i)a"}""")]
    [InlineData("""{"pattern":"(?"}""")]
    [InlineData("""{"pattern":"(?<a"}""")]
    [InlineData("""{"pattern":"(?<a>b)(?<a>c)"}""")]
    [InlineData("""{"pattern":"\\k<a>(?<b>c)"}""")]
    [InlineData("""{"pattern":"\\k"}""")]
    [InlineData("""{"pattern":"\\"}""")]
    [InlineData("""{"pattern":"\\y"}""")]
    [InlineData("""{"pattern":"\\u{110000}"}""")]
    [InlineData("""{"pattern":"\\u12"}""")]
    [InlineData("""{"pattern":"*"}""")]
    [InlineData("""{"pattern":"(b)\\2"}""")]
    [InlineData("""{"pattern":"\\ud800"}""")]
    public void What_is_wrong_with_a_schema_is_said_in_Japanese(string schema)
    {
        var errors = Schema.Compile(Encoding.UTF8.GetBytes(schema)).Errors;

        Assert.NotEmpty(errors);
        Assert.All(errors, error => Assert.True(Words.Japanese.Find(error.Message) is { } own && own.Any(c => c > 0x3000), error.Message));
    }

    [Theory]
    [InlineData("""{"pattern":"(?<string>b)(?<string>c)"}""", "パターンを使えません。string という名前のグループが二つあります。")]
    [InlineData("""{"pattern":"\\k<object>(?<b>c)"}""", "パターンを使えません。object という名前のグループはありません。")]
    [InlineData("""{"pattern":"\\p{number}"}""", "パターンを使えません。Unicode プロパティ number はここでは知られていません。Letter や Lu などの一般カテゴリーは使えます。")]
    [InlineData("""{"$defs":{"a":{"$anchor":"array"},"b":{"$anchor":"array"}}}""", "アンカー array はすでに別のスキーマのものです。それぞれに別の名前を付けてください。")]
    public void A_name_in_a_schema_that_is_spelled_as_a_word_of_ours_stays(string schema, string said) =>
        Assert.Equal([said], Schema.Compile(Encoding.UTF8.GetBytes(schema)).Errors.Select(error => Words.Japanese.Of(error.Message)));

    [Theory]
    [InlineData("The schema has 70000 bytes; at most 65536 are allowed.")]
    [InlineData("The schema and what it refers to have more than 10000 subschemas, or one whose pointer is longer than 4096.")]
    [InlineData("This dialect requires the vocabulary https://example.com/vocab, which is not known here.")]
    [InlineData("The pattern cannot be used: this schema has too many patterns, or too large ones.")]
    [InlineData("The pattern cannot be used: its Unicode classes are too large.")]
    [InlineData("The pattern cannot be used: it tells too many characters above U+FFFF apart.")]
    [InlineData("The pattern cannot be used: groups are nested more than 100 deep.")]
    public void What_is_too_large_of_a_schema_is_said_in_Japanese(string english) => Assert.NotNull(Words.Japanese.Find(english));

    [Theory]
    [InlineData("Checking this against the schema takes more work than is allowed: send a smaller or simpler value.")]
    [InlineData("Value and schema lead too deep together: send a value that is nested less.")]
    [InlineData("Matching the pattern \"^a$\" timed out: send a shorter text.")]
    public void What_a_validation_gives_up_with_is_said_in_Japanese(string english) => Assert.NotNull(Words.Japanese.Find(english));

    [Fact]
    public void Others_words_stay_as_they_are_in_a_sentence_of_ours() =>
        Assert.Equal("メンバー \"a number\" がありません。加えてください。", Words.Japanese.Of("The member \"a number\" is missing: add it."));

    [Fact]
    public void A_sentence_without_translation_says_what_its_code_means() =>
        Assert.Equal(Words.Japanese.Of(new Rejection(Codes.NotFound, "Nobody has translated this.")), Words.Japanese.Of(new Rejection(Codes.NotFound, "Nor this.")));

    [Theory]
    [InlineData("ja", true)]
    [InlineData("ja-JP, en;q=0.5", true)]
    [InlineData("en, ja;q=0.5", false)]
    [InlineData("fr, ja;q=0.2", true)]
    [InlineData("fr", false)]
    [InlineData("ja;q=0", false)]
    [InlineData("*", false)]
    [InlineData(";;;", false)]
    public async Task Who_asks_for_Japanese_gets_it(string wanted, bool japanese)
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();

        var refused = (await api.Client.Send(HttpMethod.Get, "/agent/services?limit=0", token, null, ("Accept-Language", wanted))).Refused(422, "validation_failed");

        Assert.Equal(japanese, refused.Error.GetProperty("message").GetString()!.Any(c => c > 0x3000));
        Assert.Equal(japanese, refused.Error.GetProperty("details")[0].GetProperty("message").GetString() == "1 から 100 まで。ここでは 0 です。");
        Assert.Equal(japanese, refused.NextActions[0].GetProperty("description").GetString()!.Any(c => c > 0x3000));
        Assert.Equal(("limit", "search_services"), (refused.Error.GetProperty("details")[0].GetProperty("path").GetString(), refused.ActionNames[0]));
    }

    [Fact]
    public async Task The_reply_says_its_language()
    {
        await using var api = await RunningApi.Start();
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        http.DefaultRequestHeaders.Add("Accept-Language", "ja");

        using var reply = await http.GetAsync("/");

        Assert.Equal(["ja"], reply.Content.Headers.ContentLanguage);
    }

    private static IEnumerable<string> Literals(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => f.GetRawConstantValue()).OfType<string>();
}
