// An event's calls through the Go SDK of Alibaba Cloud OSS: what it saw goes to stdout as JSON.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"
)

const name = "clients-go"

var sim struct {
	Control string
	Vendors map[string]struct{ Client map[string]string }
}

type encoder struct {
	ID    string
	Ended *struct{ Reason string }
}

func main() {
	check(json.NewDecoder(os.Stdin).Decode(&sim))
	c := sim.Vendors["alibaba-oss"].Client
	client, err := oss.New(c["endpoint"], c["accessKeyId"], c["accessKeySecret"],
		oss.AuthVersion(oss.AuthV4), oss.Region(strings.TrimPrefix(c["region"], "oss-")))
	check(err)
	bucket, err := client.Bucket(c["bucket"])
	check(err)

	made, err := bucket.CreateLiveChannel(name, oss.LiveChannelConfiguration{
		Status: "disabled",
		Target: oss.LiveChannelTarget{Type: "HLS", FragDuration: 2, FragCount: 3, PlaylistName: "show.m3u8"},
	})
	check(err)
	url, err := bucket.SignRtmpURL(name, "show.m3u8", 3600)
	check(err)
	early := refused(url)
	check(bucket.PutLiveChannelStatus(name, "enabled"))
	info, err := bucket.GetLiveChannelInfo(name)
	check(err)

	began := time.Now()
	id := push(url)
	var stat oss.LiveChannelStat
	until(func() bool {
		stat, err = bucket.GetLiveChannelStat(name)
		check(err)
		return stat.Status == "Live" && stat.Video.Width > 0
	})
	until(func() bool {
		listed, err := bucket.ListObjectsV2(oss.Prefix(name + "/"))
		check(err)
		for _, object := range listed.Objects {
			if strings.HasSuffix(object.Key, ".ts") {
				return true
			}
		}
		return false
	})
	stillLive := codeOf(bucket.DeleteLiveChannel(name))

	check(bucket.PutLiveChannelStatus(name, "disabled"))
	reason := ended(id)
	history, err := bucket.GetLiveChannelHistory(name)
	check(err)
	listed, err := bucket.ListLiveChannel(oss.Prefix("clients-"), oss.MaxKeys(10))
	check(err)

	from, to := began.Add(-30*time.Second), time.Now().Add(30*time.Second)
	var vod []byte
	// Both of the same files: the last one is written a moment after the push has ended.
	until(func() bool {
		cut, err := bucket.GetVodPlaylist(name, from, to)
		check(err)
		text, err := io.ReadAll(cut)
		check(err)
		check(bucket.PostVodPlaylist(name, "vod.m3u8", from, to))
		stored, err := bucket.GetObject(name + "/vod.m3u8")
		check(err)
		vod, err = io.ReadAll(stored)
		check(err)
		return string(text) == string(vod)
	})
	_, empty := bucket.GetVodPlaylist(name, began.Add(-2*time.Hour), began.Add(-time.Hour))

	check(bucket.DeleteLiveChannel(name))
	_, gone := bucket.GetLiveChannelStat(name)
	check(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"urls":      len(made.PublishUrls) + len(made.PlayUrls),
		"early":     early,
		"status":    info.Status,
		"target":    info.Target.PlaylistName,
		"video":     []int{stat.Video.Width, stat.Video.Height},
		"stillLive": stillLive,
		"encoder":   reason,
		"history":   len(history.Record),
		"listed":    len(listed.LiveChannel),
		"segments":  strings.Count(string(vod), ".ts"),
		"empty":     codeOf(empty),
		"refused":   refused(url),
		"gone":      codeOf(gone),
	}))
}

func codeOf(err error) string {
	var refusal oss.ServiceError
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return fmt.Sprint(err)
}

func push(url string) string {
	var made encoder
	status := control("POST", "/encoders", map[string]any{"url": url}, &made)
	if status >= 300 {
		panic(fmt.Sprintf("the encoder was answered %d", status))
	}
	return made.ID
}

func refused(url string) bool {
	return control("POST", "/encoders", map[string]any{"url": url, "seconds": 1}, nil) == http.StatusConflict
}

func ended(id string) (reason string) {
	until(func() bool {
		var all []encoder
		control("GET", "/encoders", nil, &all)
		for _, one := range all {
			if one.ID == id && one.Ended != nil {
				reason = one.Ended.Reason
			}
		}
		return reason != ""
	})
	return reason
}

func control(method, path string, body any, into any) int {
	text, err := json.Marshal(body)
	check(err)
	request, err := http.NewRequest(method, sim.Control+path, bytes.NewReader(text))
	check(err)
	request.Header.Set("content-type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	check(err)
	defer answer.Body.Close()
	if into != nil && answer.StatusCode < 300 {
		check(json.NewDecoder(answer.Body).Decode(into))
	}
	return answer.StatusCode
}

func until(seen func() bool) {
	for giveUp := time.Now().Add(time.Minute); !seen(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(giveUp) {
			panic("nothing was seen for a minute")
		}
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
