using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Agora.Crash.Support;

namespace Agora.Packaging;

public sealed class KubernetesTests
{
    private const string Separator = "\n---\n";
    private static readonly string[] Probes = ["startupProbe", "livenessProbe", "readinessProbe"];
    private static readonly ConcurrentDictionary<string, string> Rendered = [];
    private static readonly ConcurrentDictionary<string, JsonNode[]> Loaded = [];

    private static readonly string[] Names = ["dev", "staging", "prod"];

    public static TheoryData<string> Overlays => [.. Names];

    /// <summary>In one run of the checker, which reads the types of Kubernetes first, and each document once, also where overlays share it.</summary>
    [KustomizeFact]
    public void What_the_overlays_come_to_is_as_Kubernetes_has_it() =>
        Assert.Equal("", Checks.Of("kubernetes", string.Join(Separator, Names.SelectMany(static overlay => Render(overlay).Split(Separator)).Distinct())));

    [KustomizeTheory]
    [InlineData("readOnlyRootFilesystem:", "readOnlyRootFileSystem:")]
    [InlineData("path: /healthz", "pth: /healthz")]
    [InlineData("averageUtilization: 65", "averageUtilization: most")]
    public void A_planted_fault_is_found(string right, string wrong)
    {
        var document = Render("prod").Split(Separator).First(document => document.Contains(right, StringComparison.Ordinal));
        Assert.NotEqual("", Checks.Of("kubernetes", document.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [KustomizeTheory]
    [MemberData(nameof(Overlays))]
    public void Every_setting_is_one_the_program_knows_and_every_file_is_in_the_mounted_secret(string overlay)
    {
        var documents = Load(overlay);
        var settings = Of(documents, "ConfigMap").Single()["data"]!.AsObject();
        Known.AreSettings(settings.Select(s => s.Key));
        Assert.All(Known.ClusterTls, tls => Assert.NotNull(settings[tls]));
        var told = Repository.Text("docs/operations.md");
        Assert.All(settings.Where(s => $"{s.Value}".StartsWith("/run/secrets/", StringComparison.Ordinal)), s => Assert.Contains($"--from-file={Path.GetFileName($"{s.Value}")}=", told, StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, $"appsettings.{settings["DOTNET_ENVIRONMENT"]}.json")));
        foreach (var container in Of(documents, "Deployment").Select(Container))
        {
            Known.AreSettings((container["env"]?.AsArray() ?? []).Select(e => $"{e!["name"]}"));
            var mount = $"{container["volumeMounts"]![0]!["mountPath"]}/";
            Assert.All(settings.Where(s => $"{s.Value}".StartsWith("/run/", StringComparison.Ordinal)), s => Assert.StartsWith(mount, $"{s.Value}", StringComparison.Ordinal));
        }
    }

    [KustomizeTheory]
    [MemberData(nameof(Overlays))]
    public void Ports_are_those_of_the_settings_and_every_name_of_one_is_a_port(string overlay)
    {
        var documents = Load(overlay);
        var known = new Dictionary<string, int> { ["http"] = Known.HttpPort, ["silo"] = Known.Defaults.Cluster.SiloPort, ["gateway"] = Known.Defaults.Cluster.GatewayPort };
        var ports = Of(documents, "Deployment").ToDictionary(Name, d => Container(d)["ports"]!.AsArray().ToDictionary(p => $"{p!["name"]}", p => (int)p!["containerPort"]!));
        Assert.Equal(known, ports["silo"]);
        Assert.Equal(known["http"], ports["api"]["http"]);
        Assert.Equal("http", (string?)Of(documents, "Service").Single()["spec"]!["ports"]![0]!["targetPort"]);
        Assert.All(Of(documents, "Deployment"), d => Assert.All(Probes, p => Assert.Equal("http", (string?)Container(d)[p]!["httpGet"]!["port"])));
        var named = Of(documents, "NetworkPolicy").SelectMany(p => p["spec"]!["ingress"]?.AsArray() ?? []).SelectMany(rule => rule!["ports"]!.AsArray()).Select(p => $"{p!["port"]}");
        Assert.All(named, n => Assert.Contains(n, known.Keys));
    }

    [KustomizeTheory]
    [MemberData(nameof(Overlays))]
    public void Selectors_select_pods_that_are_there(string overlay)
    {
        var documents = Load(overlay);
        var pods = Of(documents, "Deployment").Select(d => d["spec"]!["template"]!["metadata"]!["labels"]!.AsObject()).ToList();
        var selectors = Of(documents, "Deployment").Concat(Of(documents, "PodDisruptionBudget")).Select(d => d["spec"]!["selector"]!["matchLabels"])
            .Concat(Of(documents, "NetworkPolicy").Select(d => d["spec"]!["podSelector"]!["matchLabels"])).Append(Of(documents, "Service").Single()["spec"]!["selector"]).ToList();
        Assert.All(selectors, s => Assert.Contains(pods, labels => s is null || s.AsObject().All(l => $"{labels[l.Key]}" == $"{l.Value}")));
        Assert.All(Of(documents, "HorizontalPodAutoscaler"), h => Assert.Contains($"{h["spec"]!["scaleTargetRef"]!["name"]}", Of(documents, "Deployment").Select(Name)));
    }

    [KustomizeTheory]
    [MemberData(nameof(Overlays))]
    public void Pods_are_confined_and_are_given_longer_to_stop_than_their_drain_takes(string overlay) => Assert.All(Of(Load(overlay), "Deployment"), d =>
    {
        var pod = d["spec"]!["template"]!["spec"]!;
        var container = Container(d);
        Assert.True((bool)pod["securityContext"]!["runAsNonRoot"]!);
        Assert.False((bool)pod["automountServiceAccountToken"]!);
        Assert.True((bool)container["securityContext"]!["readOnlyRootFilesystem"]!);
        Assert.False((bool)container["securityContext"]!["allowPrivilegeEscalation"]!);
        Assert.Equal("ALL", (string?)container["securityContext"]!["capabilities"]!["drop"]![0]);
        Assert.NotNull(container["resources"]!["requests"]!["cpu"]);
        var preStop = (int)container["lifecycle"]!["preStop"]!["sleep"]!["seconds"]!;
        Assert.True((int)pod["terminationGracePeriodSeconds"]! > preStop + Known.Drain.TotalSeconds);
    });

    [Fact]
    public async Task What_probes_and_scrapes_ask_for_is_answered_200()
    {
        var text = Repository.Text("deploy/k8s/base/silo.yaml") + Repository.Text("deploy/k8s/base/api.yaml") + Repository.Text("deploy/prometheus/prometheus.yml");
        string[] paths = ["/healthz", "/readyz", "/metrics"];
        Assert.All(paths, p => Assert.Contains(p, text, StringComparison.Ordinal));
        using var directory = new DataDirectory();
        await using var server = await ServerProcess.Start(directory.Path, ServerProcess.FreeAddress());
        using var http = new HttpClient { BaseAddress = server.Address };
        foreach (var path in paths) Assert.Equal(System.Net.HttpStatusCode.OK, (await http.GetAsync(new Uri(path, UriKind.Relative))).StatusCode);
    }

    // The tests only read them.
    private static JsonNode[] Load(string overlay) => Loaded.GetOrAdd(overlay, static overlay => Checks.Documents(Render(overlay)));

    private static string Render(string overlay) => Rendered.GetOrAdd(overlay, Checks.Render);

    private static IEnumerable<JsonNode> Of(JsonNode[] documents, string kind) => documents.Where(d => $"{d["kind"]}" == kind);

    private static string Name(JsonNode document) => $"{document["metadata"]!["name"]}";

    private static JsonNode Container(JsonNode deployment) => deployment["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Single()!;
}
